CREATE TABLE "clients" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"secret_hash" text NOT NULL,
	"scopes" jsonb NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "clients_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "clients_id_is_unique" UNIQUE("id")
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"institution_id" uuid NOT NULL,
	"actor_id" uuid NOT NULL,
	"key" text NOT NULL,
	"fingerprint" text NOT NULL,
	"status" integer NOT NULL,
	"receipt" jsonb NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_pk" PRIMARY KEY("institution_id","actor_id","key")
);
--> statement-breakpoint
CREATE TABLE "institutions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name_zh" text NOT NULL,
	"name_en" text NOT NULL,
	"time_zone" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "journal" (
	"seq" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "journal_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"position" bigint,
	"hash" text,
	"type" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor_id" uuid,
	"case_id" uuid,
	"subject_id" uuid NOT NULL,
	"subject_version" integer,
	"read_hour" text,
	"entry" text NOT NULL,
	CONSTRAINT "journal_sealed_whole" CHECK ((position is null) = (hash is null))
);
--> statement-breakpoint
CREATE TABLE "journal_heads" (
	"institution_id" uuid PRIMARY KEY NOT NULL,
	"position" bigint NOT NULL,
	"hash" text NOT NULL,
	"checkpoint_position" bigint NOT NULL,
	"checkpoint_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "contacts" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"student_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"phone" text,
	CONSTRAINT "contacts_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "contacts_external_id" UNIQUE("institution_id","external_id"),
	CONSTRAINT "contacts_kind_known" CHECK (kind in ('parent', 'guardian', 'roommate', 'friend', 'other'))
);
--> statement-breakpoint
CREATE TABLE "courses" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"credits" numeric(5, 1) NOT NULL,
	CONSTRAINT "courses_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "courses_external_id" UNIQUE("institution_id","external_id"),
	CONSTRAINT "courses_kind_known" CHECK (kind in ('required', 'elective', 'general', 'practical'))
);
--> statement-breakpoint
CREATE TABLE "identities" (
	"institution_id" uuid NOT NULL,
	"issuer" text NOT NULL,
	"subject" text NOT NULL,
	"staff_id" uuid,
	"student_id" uuid,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "identities_pk" PRIMARY KEY("institution_id","issuer","subject"),
	CONSTRAINT "identities_one_person" CHECK ((staff_id is null) <> (student_id is null))
);
--> statement-breakpoint
CREATE TABLE "org_ancestors" (
	"institution_id" uuid NOT NULL,
	"unit_id" uuid NOT NULL,
	"ancestor_id" uuid NOT NULL,
	"depth" integer NOT NULL,
	CONSTRAINT "org_ancestors_pk" PRIMARY KEY("institution_id","unit_id","ancestor_id")
);
--> statement-breakpoint
CREATE TABLE "org_units" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"parent_id" uuid,
	"kind" text NOT NULL,
	"name_zh" text NOT NULL,
	"name_en" text,
	CONSTRAINT "org_units_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "org_units_external_id" UNIQUE("institution_id","external_id"),
	CONSTRAINT "org_units_kind_known" CHECK (kind in ('school', 'college', 'department', 'grade', 'class', 'dormitory', 'party_branch', 'office'))
);
--> statement-breakpoint
CREATE TABLE "results" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"student_id" uuid NOT NULL,
	"course_id" uuid NOT NULL,
	"term_id" uuid NOT NULL,
	"item" text NOT NULL,
	"score" numeric(5, 2),
	"outcome" text NOT NULL,
	"recorded_on" date NOT NULL,
	CONSTRAINT "results_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "results_external_id" UNIQUE("institution_id","external_id"),
	CONSTRAINT "results_outcome_known" CHECK (outcome in ('passed', 'failed', 'missing', 'withdrawn', 'exempt')),
	CONSTRAINT "results_score_in_range" CHECK (score is null or (score >= 0 and score <= 100))
);
--> statement-breakpoint
CREATE TABLE "staff" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"name" text NOT NULL,
	"name_en" text,
	"left_on" date,
	CONSTRAINT "staff_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "staff_external_id" UNIQUE("institution_id","external_id")
);
--> statement-breakpoint
CREATE TABLE "staff_roles" (
	"institution_id" uuid NOT NULL,
	"staff_id" uuid NOT NULL,
	"role" text NOT NULL,
	"org_unit_id" uuid NOT NULL,
	"valid_from" date NOT NULL,
	"valid_until" date,
	CONSTRAINT "staff_roles_pk" PRIMARY KEY("institution_id","staff_id","role","org_unit_id","valid_from"),
	CONSTRAINT "staff_roles_role_known" CHECK (role in ('counsellor', 'class_teacher', 'subject_teacher', 'psychological_counsellor', 'practice_supervisor', 'line_manager', 'administrator', 'auditor', 'key_holder'))
);
--> statement-breakpoint
CREATE TABLE "students" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"number" text NOT NULL,
	"name" text NOT NULL,
	"name_en" text,
	"birth_date" date,
	"major" text NOT NULL,
	"grade" text NOT NULL,
	"org_unit_id" uuid NOT NULL,
	"enrolment_status" text NOT NULL,
	CONSTRAINT "students_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "students_number" UNIQUE("institution_id","number"),
	CONSTRAINT "students_enrolment_status_known" CHECK (enrolment_status in ('enrolled', 'on_leave', 'academic_probation', 'repeating_year', 'delayed_graduation', 'transferred_school', 'withdrew', 'dismissed', 'expelled', 'dropped_out', 'graduated', 'died'))
);
--> statement-breakpoint
CREATE TABLE "terms" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"name" text NOT NULL,
	"starts_on" date NOT NULL,
	"ends_on" date NOT NULL,
	CONSTRAINT "terms_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "terms_external_id" UNIQUE("institution_id","external_id"),
	CONSTRAINT "terms_start_before_end" CHECK (starts_on <= ends_on)
);
--> statement-breakpoint
CREATE TABLE "access_grants" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"staff_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"granted_at" timestamp with time zone NOT NULL,
	"until" timestamp with time zone NOT NULL,
	"reviewed_at" timestamp with time zone,
	"reviewed_by" uuid,
	CONSTRAINT "access_grants_pk" PRIMARY KEY("institution_id","id")
);
--> statement-breakpoint
CREATE TABLE "actions" (
	"institution_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"id" text NOT NULL,
	"goal_id" text NOT NULL,
	"plan_id" uuid NOT NULL,
	"place" integer NOT NULL,
	"status" text NOT NULL,
	"by" text NOT NULL,
	"strategy" text,
	"due_on" date NOT NULL,
	"settled_version" integer,
	CONSTRAINT "actions_pk" PRIMARY KEY("institution_id","case_id","id"),
	CONSTRAINT "actions_status_known" CHECK (status in ('open', 'done', 'dropped'))
);
--> statement-breakpoint
CREATE TABLE "attachments" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"media_type" text NOT NULL,
	"size" integer NOT NULL,
	"sealed_name" "bytea",
	"sealed" "bytea",
	"uploaded_by" uuid NOT NULL,
	"uploaded_at" timestamp with time zone NOT NULL,
	CONSTRAINT "attachments_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "attachments_size" CHECK (size between 1 and 10485760)
);
--> statement-breakpoint
CREATE TABLE "case_holds" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"opened_version" integer NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"opened_by" uuid NOT NULL,
	"lifted_version" integer,
	"lifted_at" timestamp with time zone,
	"outcome" text,
	"recipient_id" uuid,
	CONSTRAINT "case_holds_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "case_holds_kind_known" CHECK (kind in ('academic_crisis', 'safety_crisis'))
);
--> statement-breakpoint
CREATE TABLE "case_moves" (
	"institution_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"n" integer NOT NULL,
	"from_step" text,
	"to_step" text NOT NULL,
	"came_from" text,
	"version" integer NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"by_id" uuid NOT NULL,
	"reason" text,
	CONSTRAINT "case_moves_pk" PRIMARY KEY("institution_id","case_id","n"),
	CONSTRAINT "case_moves_edge_allowed" CHECK ((n = 0 and from_step is null and to_step = 'investigation') or (n > 0 and from_step is not null and (from_step, to_step) in (('investigation', 'agreement'), ('agreement', 'plan'), ('plan', 'tracking'), ('tracking', 'evaluation'), ('evaluation', 'tracking'), ('evaluation', 'plan'), ('evaluation', 'closure'), ('investigation', 'closure'), ('agreement', 'closure'), ('plan', 'closure'), ('tracking', 'closure'), ('closure', 'investigation'), ('closure', 'agreement'), ('closure', 'plan'), ('closure', 'tracking'), ('closure', 'evaluation'), ('closure', 'closed')))),
	CONSTRAINT "case_moves_returns_to_origin" CHECK (from_step is null or from_step <> 'closure' or to_step not in ('investigation', 'agreement', 'plan', 'tracking', 'evaluation') or (came_from is not null and to_step = came_from))
);
--> statement-breakpoint
CREATE TABLE "case_numbers" (
	"institution_id" uuid NOT NULL,
	"year" integer NOT NULL,
	"last" integer NOT NULL,
	CONSTRAINT "case_numbers_pk" PRIMARY KEY("institution_id","year")
);
--> statement-breakpoint
CREATE TABLE "case_workers" (
	"institution_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"staff_id" uuid NOT NULL,
	"valid_from" date NOT NULL,
	"valid_until" date,
	CONSTRAINT "case_workers_pk" PRIMARY KEY("institution_id","case_id","staff_id","valid_from")
);
--> statement-breakpoint
CREATE TABLE "cases" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"number" text NOT NULL,
	"kind" text NOT NULL,
	"student_id" uuid NOT NULL,
	"org_unit_id" uuid NOT NULL,
	"owner_id" uuid NOT NULL,
	"owner_since" integer NOT NULL,
	"source" text NOT NULL,
	"step" text NOT NULL,
	"step_since" integer NOT NULL,
	"came_from" text,
	"came_from_since" integer,
	"tracking_since" integer,
	"version" integer NOT NULL,
	"move_count" integer NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"moved_by" uuid NOT NULL,
	"move_reason" text,
	"close_reason" text,
	"closed_at" timestamp with time zone,
	"paused_on" date,
	"pause_reason" text,
	"expected_return" date,
	"predecessor_id" uuid,
	"writes" integer NOT NULL,
	"reached" text[] NOT NULL,
	"counts_as_open" boolean NOT NULL,
	"draft_count" integer NOT NULL,
	"beside_case_id" uuid,
	"data_key" "bytea",
	"key_erased_at" timestamp with time zone,
	CONSTRAINT "cases_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "cases_number" UNIQUE("institution_id","number"),
	CONSTRAINT "cases_draft_count_not_negative" CHECK (draft_count >= 0),
	CONSTRAINT "cases_step_known" CHECK (step in ('investigation', 'agreement', 'plan', 'tracking', 'evaluation', 'closure', 'closed')),
	CONSTRAINT "cases_kind_known" CHECK (kind in ('academic')),
	CONSTRAINT "cases_source_known" CHECK (source in ('self', 'outreach', 'referral', 'alert', 'report')),
	CONSTRAINT "cases_close_reason_while_ending" CHECK ((step in ('closure', 'closed')) = (close_reason is not null) and (close_reason is null or close_reason in ('goals_met', 'mostly_met', 'new_situation', 'declined', 'lost_contact', 'dismissed', 'withdrew', 'transferred_school', 'graduated', 'died', 'referred_on', 'opened_in_error', 'other'))),
	CONSTRAINT "cases_closed_has_time" CHECK ((step = 'closed') = (closed_at is not null))
);
--> statement-breakpoint
CREATE TABLE "consents" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"record_id" uuid NOT NULL,
	"purpose" text NOT NULL,
	"recipient" text,
	"given_version" integer NOT NULL,
	"ended_version" integer,
	"ended" text,
	CONSTRAINT "consents_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "consents_purpose_known" CHECK (purpose in ('service', 'sharing', 'reporting')),
	CONSTRAINT "consents_ended_whole" CHECK ((ended is null) = (ended_version is null))
);
--> statement-breakpoint
CREATE TABLE "goals" (
	"institution_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"id" text NOT NULL,
	"plan_id" uuid NOT NULL,
	"place" integer NOT NULL,
	"status" text NOT NULL,
	"aim" text NOT NULL,
	"horizon" text NOT NULL,
	"difficulty" integer NOT NULL,
	"weight" integer NOT NULL,
	"due_on" date NOT NULL,
	"progress" text,
	"progress_version" integer NOT NULL,
	"attainment" integer,
	"attainment_version" integer NOT NULL,
	"attainment_final" boolean NOT NULL,
	CONSTRAINT "goals_pk" PRIMARY KEY("institution_id","case_id","id"),
	CONSTRAINT "goals_status_known" CHECK (status in ('open', 'settled'))
);
--> statement-breakpoint
CREATE TABLE "record_signatures" (
	"institution_id" uuid NOT NULL,
	"record_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"party" text NOT NULL,
	"method" text NOT NULL,
	"person_id" uuid,
	"recorded_by" uuid,
	"attachment_id" uuid,
	"sealed" "bytea",
	"at" timestamp with time zone NOT NULL,
	"record_version" integer NOT NULL,
	CONSTRAINT "record_signatures_pk" PRIMARY KEY("institution_id","record_id","party","record_version"),
	CONSTRAINT "record_signatures_party_known" CHECK (party in ('worker', 'student', 'guardian', 'line_manager')),
	CONSTRAINT "record_signatures_method_known" CHECK (method in ('own_token', 'paper', 'oral', 'message')),
	CONSTRAINT "record_signatures_evidence" CHECK ((method = 'own_token' and recorded_by is null) or (method <> 'own_token' and recorded_by is not null))
);
--> statement-breakpoint
CREATE TABLE "records" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"version" integer NOT NULL,
	"content" jsonb NOT NULL,
	"sealed" "bytea",
	"author_id" uuid NOT NULL,
	"written_at" timestamp with time zone NOT NULL,
	"step" text NOT NULL,
	"amends_id" uuid,
	"adopted_from_id" uuid,
	"signed_at" timestamp with time zone,
	"signed_version" integer,
	CONSTRAINT "records_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "records_status_known" CHECK (status in ('draft', 'signed', 'superseded', 'discarded')),
	CONSTRAINT "records_signed_whole" CHECK ((status in ('signed', 'superseded')) = (signed_at is not null and signed_version is not null))
);
--> statement-breakpoint
CREATE TABLE "referrals" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"status" text NOT NULL,
	"sealed" "bytea",
	"sealed_result" "bytea",
	"offered_at" timestamp with time zone NOT NULL,
	"settled_at" timestamp with time zone,
	CONSTRAINT "referrals_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "referrals_status_known" CHECK (status in ('offered', 'accepted', 'declined', 'done', 'passed_on'))
);
--> statement-breakpoint
CREATE TABLE "transfers" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"from_id" uuid NOT NULL,
	"to_id" uuid NOT NULL,
	"status" text NOT NULL,
	"offered_at" timestamp with time zone NOT NULL,
	"answered_at" timestamp with time zone,
	CONSTRAINT "transfers_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "transfers_status_known" CHECK (status in ('offered', 'accepted', 'rejected', 'withdrawn'))
);
--> statement-breakpoint
CREATE TABLE "vault" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"sealed" "bytea",
	CONSTRAINT "vault_pk" PRIMARY KEY("institution_id","id")
);
--> statement-breakpoint
CREATE TABLE "waivers" (
	"institution_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"record_id" uuid NOT NULL,
	"need" text NOT NULL,
	"mode" text NOT NULL,
	"due_on" date,
	"version" integer NOT NULL,
	CONSTRAINT "waivers_pk" PRIMARY KEY("institution_id","record_id","need"),
	CONSTRAINT "waivers_mode_known" CHECK (mode in ('waived', 'deferred')),
	CONSTRAINT "waivers_deferral_has_date" CHECK ((mode = 'deferred') = (due_on is not null))
);
--> statement-breakpoint
ALTER TABLE "contacts" ADD CONSTRAINT "contacts_student" FOREIGN KEY ("institution_id","student_id") REFERENCES "public"."students"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identities" ADD CONSTRAINT "identities_staff" FOREIGN KEY ("institution_id","staff_id") REFERENCES "public"."staff"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identities" ADD CONSTRAINT "identities_student" FOREIGN KEY ("institution_id","student_id") REFERENCES "public"."students"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "org_units" ADD CONSTRAINT "org_units_parent" FOREIGN KEY ("institution_id","parent_id") REFERENCES "public"."org_units"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "results" ADD CONSTRAINT "results_student" FOREIGN KEY ("institution_id","student_id") REFERENCES "public"."students"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "results" ADD CONSTRAINT "results_course" FOREIGN KEY ("institution_id","course_id") REFERENCES "public"."courses"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "results" ADD CONSTRAINT "results_term" FOREIGN KEY ("institution_id","term_id") REFERENCES "public"."terms"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "staff_roles" ADD CONSTRAINT "staff_roles_staff" FOREIGN KEY ("institution_id","staff_id") REFERENCES "public"."staff"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "staff_roles" ADD CONSTRAINT "staff_roles_unit" FOREIGN KEY ("institution_id","org_unit_id") REFERENCES "public"."org_units"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "students" ADD CONSTRAINT "students_unit" FOREIGN KEY ("institution_id","org_unit_id") REFERENCES "public"."org_units"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access_grants" ADD CONSTRAINT "access_grants_case" FOREIGN KEY ("institution_id","case_id") REFERENCES "public"."cases"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "actions" ADD CONSTRAINT "actions_case" FOREIGN KEY ("institution_id","case_id") REFERENCES "public"."cases"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_case" FOREIGN KEY ("institution_id","case_id") REFERENCES "public"."cases"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "case_holds" ADD CONSTRAINT "case_holds_case" FOREIGN KEY ("institution_id","case_id") REFERENCES "public"."cases"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "case_moves" ADD CONSTRAINT "case_moves_case" FOREIGN KEY ("institution_id","case_id") REFERENCES "public"."cases"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "case_workers" ADD CONSTRAINT "case_workers_case" FOREIGN KEY ("institution_id","case_id") REFERENCES "public"."cases"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "case_workers" ADD CONSTRAINT "case_workers_staff" FOREIGN KEY ("institution_id","staff_id") REFERENCES "public"."staff"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cases" ADD CONSTRAINT "cases_student" FOREIGN KEY ("institution_id","student_id") REFERENCES "public"."students"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cases" ADD CONSTRAINT "cases_owner" FOREIGN KEY ("institution_id","owner_id") REFERENCES "public"."staff"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cases" ADD CONSTRAINT "cases_predecessor" FOREIGN KEY ("institution_id","predecessor_id") REFERENCES "public"."cases"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consents" ADD CONSTRAINT "consents_case" FOREIGN KEY ("institution_id","case_id") REFERENCES "public"."cases"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "goals" ADD CONSTRAINT "goals_case" FOREIGN KEY ("institution_id","case_id") REFERENCES "public"."cases"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_signatures" ADD CONSTRAINT "record_signatures_record" FOREIGN KEY ("institution_id","record_id") REFERENCES "public"."records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records" ADD CONSTRAINT "records_case" FOREIGN KEY ("institution_id","case_id") REFERENCES "public"."cases"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals_case" FOREIGN KEY ("institution_id","case_id") REFERENCES "public"."cases"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_case" FOREIGN KEY ("institution_id","case_id") REFERENCES "public"."cases"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault" ADD CONSTRAINT "vault_case" FOREIGN KEY ("institution_id","case_id") REFERENCES "public"."cases"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waivers" ADD CONSTRAINT "waivers_case" FOREIGN KEY ("institution_id","case_id") REFERENCES "public"."cases"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "idempotency_keys_expiry" ON "idempotency_keys" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "journal_position" ON "journal" USING btree ("institution_id","position");--> statement-breakpoint
CREATE UNIQUE INDEX "journal_one_entry_a_version" ON "journal" USING btree ("institution_id","subject_id","subject_version") WHERE subject_version is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "journal_one_read_an_hour" ON "journal" USING btree ("institution_id","actor_id","subject_id","read_hour") WHERE read_hour is not null;--> statement-breakpoint
CREATE INDEX "journal_unsealed" ON "journal" USING btree ("seq") WHERE position is null;--> statement-breakpoint
CREATE INDEX "journal_timeline" ON "journal" USING btree ("institution_id","case_id","seq") WHERE case_id is not null;--> statement-breakpoint
CREATE INDEX "contacts_by_student" ON "contacts" USING btree ("institution_id","student_id");--> statement-breakpoint
CREATE INDEX "org_ancestors_below" ON "org_ancestors" USING btree ("institution_id","ancestor_id","unit_id");--> statement-breakpoint
CREATE INDEX "results_by_student" ON "results" USING btree ("institution_id","student_id","term_id");--> statement-breakpoint
CREATE INDEX "results_by_course" ON "results" USING btree ("institution_id","course_id","term_id","item");--> statement-breakpoint
CREATE INDEX "staff_roles_by_unit" ON "staff_roles" USING btree ("institution_id","org_unit_id","role");--> statement-breakpoint
CREATE INDEX "students_by_unit" ON "students" USING btree ("institution_id","org_unit_id","number");--> statement-breakpoint
CREATE INDEX "students_by_cohort" ON "students" USING btree ("institution_id","major","grade");--> statement-breakpoint
CREATE INDEX "access_grants_by_case" ON "access_grants" USING btree ("institution_id","case_id","staff_id");--> statement-breakpoint
CREATE INDEX "attachments_by_case" ON "attachments" USING btree ("institution_id","case_id");--> statement-breakpoint
CREATE INDEX "case_holds_by_case" ON "case_holds" USING btree ("institution_id","case_id");--> statement-breakpoint
CREATE INDEX "case_workers_by_staff" ON "case_workers" USING btree ("institution_id","staff_id");--> statement-breakpoint
CREATE UNIQUE INDEX "cases_one_open" ON "cases" USING btree ("institution_id","student_id","kind") WHERE counts_as_open;--> statement-breakpoint
CREATE INDEX "cases_by_owner" ON "cases" USING btree ("institution_id","owner_id","opened_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "cases_open_by_owner" ON "cases" USING btree ("institution_id","owner_id","opened_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "cases_by_unit" ON "cases" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "cases_open_by_unit" ON "cases" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "cases_by_student" ON "cases" USING btree ("institution_id","student_id","opened_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "cases_by_predecessor" ON "cases" USING btree ("institution_id","predecessor_id") WHERE predecessor_id is not null;--> statement-breakpoint
CREATE INDEX "consents_by_case" ON "consents" USING btree ("institution_id","case_id");--> statement-breakpoint
CREATE INDEX "records_signed" ON "records" USING btree ("institution_id","case_id","kind","signed_version") WHERE status = 'signed';--> statement-breakpoint
CREATE INDEX "records_by_case" ON "records" USING btree ("institution_id","case_id","written_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "records_drafts" ON "records" USING btree ("institution_id","case_id") WHERE status = 'draft';--> statement-breakpoint
CREATE INDEX "referrals_by_case" ON "referrals" USING btree ("institution_id","case_id");--> statement-breakpoint
CREATE UNIQUE INDEX "transfers_one_open" ON "transfers" USING btree ("institution_id","case_id") WHERE status = 'offered';--> statement-breakpoint
CREATE INDEX "transfers_by_recipient" ON "transfers" USING btree ("institution_id","to_id","offered_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "waivers_by_case" ON "waivers" USING btree ("institution_id","case_id");