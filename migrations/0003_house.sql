CREATE TABLE "referral_answers" (
	"institution_id" uuid NOT NULL,
	"referral_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"status" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"by_id" uuid NOT NULL,
	"words_id" uuid NOT NULL,
	CONSTRAINT "referral_answers_pk" PRIMARY KEY("institution_id","referral_id","version"),
	CONSTRAINT "referral_answers_status_known" CHECK (status in ('offered', 'accepted', 'declined', 'done', 'passed_on'))
);--> statement-breakpoint
CREATE TABLE "journal_followers" (
	"name" text NOT NULL,
	"institution_id" uuid NOT NULL,
	"position" bigint NOT NULL,
	CONSTRAINT "journal_followers_pk" PRIMARY KEY("name","institution_id")
);--> statement-breakpoint
CREATE TABLE "alert_dispositions" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"alert_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"on_day" date NOT NULL,
	"version" integer NOT NULL,
	"by_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"case_id" uuid,
	"crisis_id" uuid,
	"until_day" date,
	"sealed" "bytea",
	CONSTRAINT "alert_dispositions_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "alert_dispositions_kind_known" CHECK (kind in ('talk', 'study_discussion', 'interest_group', 'case_opened', 'case_joined', 'crisis_opened', 'declined', 'watch', 'not_reached', 'objection_upheld', 'no_action', 'merged'))
);--> statement-breakpoint
CREATE TABLE "alert_moves" (
	"institution_id" uuid NOT NULL,
	"subject_id" uuid NOT NULL,
	"n" integer NOT NULL,
	"from_step" text,
	"to_step" text NOT NULL,
	"came_from" text,
	"version" integer NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"by_id" uuid,
	"reason" text,
	CONSTRAINT "alert_moves_pk" PRIMARY KEY("institution_id","subject_id","n"),
	CONSTRAINT "alert_moves_edge_allowed" CHECK ((n = 0 and from_step is null and to_step = 'raised') or (n > 0 and from_step is not null and (from_step, to_step) in (('raised', 'acknowledged'), ('acknowledged', 'resolved'))))
);--> statement-breakpoint
CREATE TABLE "alert_notices" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"alert_id" uuid NOT NULL,
	"to_whom" text NOT NULL,
	"method" text NOT NULL,
	"outcome" text NOT NULL,
	"on_day" date NOT NULL,
	"by_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"signed_at" timestamp with time zone,
	"sealed" "bytea",
	CONSTRAINT "alert_notices_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "alert_notices_to_known" CHECK (to_whom in ('student', 'family')),
	CONSTRAINT "alert_notices_outcome_known" CHECK (outcome in ('given', 'signed', 'attempted'))
);--> statement-breakpoint
CREATE TABLE "alert_objections" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"alert_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"sealed" "bytea",
	"answer" text,
	"answered_at" timestamp with time zone,
	"answered_by" uuid,
	"sealed_answer" "bytea",
	CONSTRAINT "alert_objections_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "alert_objections_answer_known" CHECK (answer is null or answer in ('upheld', 'rejected'))
);--> statement-breakpoint
CREATE TABLE "alert_told" (
	"institution_id" uuid NOT NULL,
	"alert_id" uuid NOT NULL,
	"staff_id" uuid NOT NULL,
	"why" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "alert_told_pk" PRIMARY KEY("institution_id","alert_id","staff_id"),
	CONSTRAINT "alert_told_why_known" CHECK (why in ('routed', 'escalated', 'named'))
);--> statement-breakpoint
CREATE TABLE "alerts" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"step" text NOT NULL,
	"step_since" integer NOT NULL,
	"version" integer NOT NULL,
	"writes" integer NOT NULL,
	"move_count" integer NOT NULL,
	"moved_by" uuid,
	"move_reason" text,
	"opened_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"data_key" "bytea",
	"student_id" uuid NOT NULL,
	"org_unit_id" uuid NOT NULL,
	"owner_id" uuid,
	"severity" text NOT NULL,
	"joins_until" timestamp with time zone NOT NULL,
	"signal_count" integer NOT NULL,
	"acknowledged_at" timestamp with time zone,
	"resolved_at" timestamp with time zone,
	"acknowledge_by" timestamp with time zone,
	"resolve_by" timestamp with time zone,
	"beyond_horizon" boolean NOT NULL,
	"escalates_at" timestamp with time zone,
	"escalation" integer NOT NULL,
	"merged_into" uuid,
	CONSTRAINT "alerts_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "alerts_step_known" CHECK (step in ('raised', 'acknowledged', 'resolved')),
	CONSTRAINT "alerts_severity_known" CHECK (severity in ('blue', 'yellow', 'orange', 'red'))
);--> statement-breakpoint
CREATE TABLE "warning_rule_versions" (
	"institution_id" uuid NOT NULL,
	"rule_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"rule" jsonb NOT NULL,
	"by_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "warning_rule_versions_pk" PRIMARY KEY("institution_id","rule_id","version")
);--> statement-breakpoint
CREATE TABLE "warning_rules" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"version" integer NOT NULL,
	"rule" jsonb NOT NULL,
	"active" boolean NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "warning_rules_pk" PRIMARY KEY("institution_id","id")
);--> statement-breakpoint
CREATE TABLE "warning_settings" (
	"institution_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"settings" jsonb NOT NULL,
	"calendar" jsonb NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "warning_settings_pk" PRIMARY KEY("institution_id")
);--> statement-breakpoint
CREATE TABLE "signal_history" (
	"institution_id" uuid NOT NULL,
	"signal_id" uuid NOT NULL,
	"observed_at" timestamp with time zone NOT NULL,
	"status" text NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"observation" jsonb NOT NULL,
	"sealed" "bytea",
	"key_id" uuid,
	CONSTRAINT "signal_history_pk" PRIMARY KEY("institution_id","signal_id","observed_at","status")
);--> statement-breakpoint
CREATE TABLE "signal_keys" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"month" text NOT NULL,
	"data_key" "bytea",
	CONSTRAINT "signal_keys_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "signal_keys_month" UNIQUE("institution_id","month")
);--> statement-breakpoint
CREATE TABLE "signal_sources" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"kinds" jsonb NOT NULL,
	"daily_quota" integer NOT NULL,
	"client_id" uuid,
	"secret" "bytea" NOT NULL,
	"previous_secret" "bytea",
	"previous_until" timestamp with time zone,
	"version" integer NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"disabled_at" timestamp with time zone,
	CONSTRAINT "signal_sources_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "signal_sources_id_is_unique" UNIQUE("id"),
	CONSTRAINT "signal_sources_name" UNIQUE("institution_id","name"),
	CONSTRAINT "signal_sources_client" UNIQUE("institution_id","client_id")
);--> statement-breakpoint
CREATE TABLE "signal_usage" (
	"institution_id" uuid NOT NULL,
	"source_id" uuid NOT NULL,
	"day" text NOT NULL,
	"shard" integer NOT NULL,
	"taken" integer NOT NULL,
	CONSTRAINT "signal_usage_pk" PRIMARY KEY("institution_id","source_id","day","shard")
);--> statement-breakpoint
CREATE TABLE "signals" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"origin" text NOT NULL,
	"external_id" text NOT NULL,
	"student_number" text NOT NULL,
	"student_id" uuid,
	"kind" text NOT NULL,
	"severity" text,
	"status" text NOT NULL,
	"observed_at" timestamp with time zone NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"revision" integer NOT NULL,
	"figures" jsonb NOT NULL,
	"sealed" "bytea",
	"key_id" uuid,
	"raised_by" uuid,
	"pending" boolean NOT NULL,
	"alert_id" uuid,
	CONSTRAINT "signals_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "signals_once" UNIQUE("institution_id","origin","external_id"),
	CONSTRAINT "signals_kind_known" CHECK (kind in ('failed_course', 'low_score', 'missing_work', 'credit_shortfall', 'bottom_of_course', 'drop_in_results', 'standing_at_risk', 'absence', 'silence', 'leave_overdue', 'late_return', 'conduct', 'hardship', 'family_event', 'relations', 'low_mood', 'safety_concern', 'request_for_help', 'progress', 'praise')),
	CONSTRAINT "signals_severity_known" CHECK (severity is null or severity in ('blue', 'yellow', 'orange', 'red')),
	CONSTRAINT "signals_status_known" CHECK (status in ('open', 'cleared'))
);--> statement-breakpoint
ALTER TABLE "vault" RENAME COLUMN "case_id" TO "subject_id";--> statement-breakpoint
ALTER TABLE "vault" DROP CONSTRAINT "vault_case";--> statement-breakpoint
DROP INDEX "attachments_by_case";--> statement-breakpoint
ALTER TABLE "actions" ALTER COLUMN "goal_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "cases" ADD COLUMN "agreement_until" date;--> statement-breakpoint
ALTER TABLE "cases" ADD COLUMN "deferral_due_on" date;--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "basis" text;--> statement-breakpoint
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_of_case" UNIQUE("institution_id","case_id","id");--> statement-breakpoint
ALTER TABLE "referral_answers" ADD CONSTRAINT "referral_answers_case" FOREIGN KEY ("institution_id","case_id") REFERENCES "public"."cases"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_answers" ADD CONSTRAINT "referral_answers_referral" FOREIGN KEY ("institution_id","referral_id") REFERENCES "public"."referrals"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_answers" ADD CONSTRAINT "referral_answers_words" FOREIGN KEY ("institution_id","words_id") REFERENCES "public"."vault"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_dispositions" ADD CONSTRAINT "alert_dispositions_alert" FOREIGN KEY ("institution_id","alert_id") REFERENCES "public"."alerts"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_moves" ADD CONSTRAINT "alert_moves_subject" FOREIGN KEY ("institution_id","subject_id") REFERENCES "public"."alerts"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_notices" ADD CONSTRAINT "alert_notices_alert" FOREIGN KEY ("institution_id","alert_id") REFERENCES "public"."alerts"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_objections" ADD CONSTRAINT "alert_objections_alert" FOREIGN KEY ("institution_id","alert_id") REFERENCES "public"."alerts"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_told" ADD CONSTRAINT "alert_told_alert" FOREIGN KEY ("institution_id","alert_id") REFERENCES "public"."alerts"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_student" FOREIGN KEY ("institution_id","student_id") REFERENCES "public"."students"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_owner" FOREIGN KEY ("institution_id","owner_id") REFERENCES "public"."staff"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "warning_rule_versions" ADD CONSTRAINT "warning_rule_versions_rule" FOREIGN KEY ("institution_id","rule_id") REFERENCES "public"."warning_rules"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signal_history" ADD CONSTRAINT "signal_history_signal" FOREIGN KEY ("institution_id","signal_id") REFERENCES "public"."signals"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signals" ADD CONSTRAINT "signals_student" FOREIGN KEY ("institution_id","student_id") REFERENCES "public"."students"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "alert_dispositions_by_alert" ON "alert_dispositions" USING btree ("institution_id","alert_id");--> statement-breakpoint
CREATE INDEX "alert_notices_by_alert" ON "alert_notices" USING btree ("institution_id","alert_id");--> statement-breakpoint
CREATE INDEX "alert_objections_by_alert" ON "alert_objections" USING btree ("institution_id","alert_id");--> statement-breakpoint
CREATE INDEX "alert_told_by_staff" ON "alert_told" USING btree ("institution_id","staff_id","alert_id");--> statement-breakpoint
CREATE INDEX "alerts_open_by_student" ON "alerts" USING btree ("institution_id","student_id") WHERE step <> 'resolved';--> statement-breakpoint
CREATE INDEX "alerts_by_student" ON "alerts" USING btree ("institution_id","student_id","opened_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "alerts_open_by_owner" ON "alerts" USING btree ("institution_id","owner_id","opened_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE step <> 'resolved';--> statement-breakpoint
CREATE INDEX "alerts_open_by_unit" ON "alerts" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE step <> 'resolved';--> statement-breakpoint
CREATE INDEX "alerts_by_owner" ON "alerts" USING btree ("institution_id","owner_id","opened_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "alerts_by_unit" ON "alerts" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "alerts_to_escalate" ON "alerts" USING btree ("escalates_at") WHERE escalates_at is not null;--> statement-breakpoint
CREATE INDEX "warning_rules_in_order" ON "warning_rules" USING btree ("institution_id","created_at","id");--> statement-breakpoint
CREATE INDEX "signals_pending" ON "signals" USING btree ("institution_id","student_id") WHERE pending and student_id is not null;--> statement-breakpoint
CREATE INDEX "signals_quarantined" ON "signals" USING btree ("institution_id","student_number","id") WHERE student_id is null;--> statement-breakpoint
CREATE INDEX "signals_of_source" ON "signals" USING btree ("institution_id","origin","id") WHERE origin not in ('people', 'rules', 'service');--> statement-breakpoint
CREATE INDEX "signals_by_student" ON "signals" USING btree ("institution_id","student_id","observed_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE student_id is not null;--> statement-breakpoint
CREATE INDEX "signals_by_alert" ON "signals" USING btree ("institution_id","alert_id") WHERE alert_id is not null;--> statement-breakpoint
ALTER TABLE "access_grants" ADD CONSTRAINT "access_grants_staff" FOREIGN KEY ("institution_id","staff_id") REFERENCES "public"."staff"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "actions" ADD CONSTRAINT "actions_plan" FOREIGN KEY ("institution_id","plan_id") REFERENCES "public"."records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "actions" ADD CONSTRAINT "actions_goal" FOREIGN KEY ("institution_id","case_id","goal_id") REFERENCES "public"."goals"("institution_id","case_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "case_holds" ADD CONSTRAINT "case_holds_recipient" FOREIGN KEY ("institution_id","recipient_id") REFERENCES "public"."staff"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consents" ADD CONSTRAINT "consents_record" FOREIGN KEY ("institution_id","record_id") REFERENCES "public"."records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "goals" ADD CONSTRAINT "goals_plan" FOREIGN KEY ("institution_id","plan_id") REFERENCES "public"."records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_signatures" ADD CONSTRAINT "record_signatures_attachment" FOREIGN KEY ("institution_id","case_id","attachment_id") REFERENCES "public"."attachments"("institution_id","case_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records" ADD CONSTRAINT "records_amends" FOREIGN KEY ("institution_id","amends_id") REFERENCES "public"."records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records" ADD CONSTRAINT "records_adopted_from" FOREIGN KEY ("institution_id","adopted_from_id") REFERENCES "public"."records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_from" FOREIGN KEY ("institution_id","from_id") REFERENCES "public"."staff"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_to" FOREIGN KEY ("institution_id","to_id") REFERENCES "public"."staff"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waivers" ADD CONSTRAINT "waivers_record" FOREIGN KEY ("institution_id","record_id") REFERENCES "public"."records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "journal_enrolments" ON "journal" USING btree ("institution_id","subject_id","seq") WHERE type = 'student.enrolment_changed';--> statement-breakpoint
CREATE INDEX "access_grants_to_review" ON "access_grants" USING btree ("institution_id","case_id") WHERE reviewed_at is null;--> statement-breakpoint
CREATE INDEX "case_holds_open" ON "case_holds" USING btree ("institution_id","case_id") WHERE lifted_version is null;--> statement-breakpoint
CREATE INDEX "cases_owing_by_unit" ON "cases" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE closed_at is null and deferral_due_on is not null;--> statement-breakpoint
CREATE INDEX "cases_paused_by_unit" ON "cases" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE closed_at is null and paused_on is not null;--> statement-breakpoint
CREATE INDEX "consents_to_service" ON "consents" USING btree ("institution_id","case_id") WHERE purpose = 'service' and ended is null;--> statement-breakpoint
ALTER TABLE "cases" DROP COLUMN "beside_case_id";--> statement-breakpoint
ALTER TABLE "referrals" DROP COLUMN "sealed_result";--> statement-breakpoint
ALTER TABLE "case_workers" ADD CONSTRAINT "case_workers_days_in_order" CHECK (valid_until is null or valid_until >= valid_from);--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals_basis_known" CHECK (basis is null or basis in ('student_consent', 'legal_duty', 'danger', 'official_record', 'offered_unasked'));
