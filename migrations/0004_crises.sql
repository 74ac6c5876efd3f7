CREATE TABLE "sandbox_clock" (
	"id" integer PRIMARY KEY NOT NULL,
	"offset_ms" bigint NOT NULL,
	"moved_at" timestamp with time zone NOT NULL,
	CONSTRAINT "sandbox_clock_one_row" CHECK (id = 1),
	CONSTRAINT "sandbox_clock_forward" CHECK (offset_ms >= 0)
);
--> statement-breakpoint
CREATE TABLE "crisis_debriefs" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"crisis_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"by_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"sealed" "bytea",
	"on_day" date NOT NULL,
	CONSTRAINT "crisis_debriefs_pk" PRIMARY KEY("institution_id","id")
);
--> statement-breakpoint
CREATE TABLE "crisis_decisions" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"crisis_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"by_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"sealed" "bytea",
	"decision" text NOT NULL,
	"decided_on" date NOT NULL,
	"appealed_on" date,
	"sealed_appeal" "bytea",
	"settled_on" date,
	"result" text,
	"sealed_result" "bytea",
	CONSTRAINT "crisis_decisions_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "crisis_decisions_decision_known" CHECK (decision in ('continued', 'moved_down', 'probation', 'delayed', 'leave', 'dismissed', 'withdrew', 'handed_over')),
	CONSTRAINT "crisis_decisions_result_known" CHECK (result is null or result in ('upheld', 'partly_upheld', 'rejected', 'withdrawn')),
	CONSTRAINT "crisis_decisions_settled_whole" CHECK ((settled_on is null) = (result is null)),
	CONSTRAINT "crisis_decisions_appealed_first" CHECK (settled_on is null or appealed_on is not null)
);
--> statement-breakpoint
CREATE TABLE "crisis_exemptions" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"crisis_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"by_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"sealed" "bytea",
	"exempt_from" text NOT NULL,
	"reason" text NOT NULL,
	CONSTRAINT "crisis_exemptions_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "crisis_exemptions_from_known" CHECK (exempt_from in ('guardian_notice', 'specialist', 'monitoring'))
);
--> statement-breakpoint
CREATE TABLE "crisis_measures" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"crisis_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"by_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"sealed" "bytea",
	"kind" text NOT NULL,
	"basis" text NOT NULL,
	"from_at" timestamp with time zone NOT NULL,
	"until_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"ended_how" text,
	"sealed_end" "bytea",
	CONSTRAINT "crisis_measures_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "crisis_measures_kind_known" CHECK (kind in ('companion', 'daily_contact', 'dormitory_watch', 'family_care', 'hospital_care', 'study_watch', 'tutoring', 'other')),
	CONSTRAINT "crisis_measures_basis_known" CHECK (basis in ('student_consent', 'guardian_consent', 'danger_to_life', 'legal_duty')),
	CONSTRAINT "crisis_measures_ended_how_known" CHECK (ended_how is null or ended_how in ('ended', 'handed_over')),
	CONSTRAINT "crisis_measures_end_whole" CHECK ((ended_at is null) = (ended_how is null))
);
--> statement-breakpoint
CREATE TABLE "crisis_minutes" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"crisis_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"by_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"sealed" "bytea",
	"happened_at" timestamp with time zone NOT NULL,
	"late" boolean NOT NULL,
	CONSTRAINT "crisis_minutes_pk" PRIMARY KEY("institution_id","id")
);
--> statement-breakpoint
CREATE TABLE "crisis_notices" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"crisis_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"by_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"sealed" "bytea",
	"method" text NOT NULL,
	"outcome" text NOT NULL,
	"on_at" timestamp with time zone NOT NULL,
	CONSTRAINT "crisis_notices_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "crisis_notices_outcome_known" CHECK (outcome in ('given', 'attempted'))
);
--> statement-breakpoint
CREATE TABLE "crisis_responders" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"crisis_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"by_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"sealed" "bytea",
	"kind" text NOT NULL,
	"staff_id" uuid,
	"contacted_at" timestamp with time zone,
	"answered_at" timestamp with time zone,
	"answer" text,
	"sealed_answer" "bytea",
	"released_at" timestamp with time zone,
	CONSTRAINT "crisis_responders_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "crisis_responders_kind_known" CHECK (kind in ('staff', 'family', 'friend', 'psychological_centre', 'hospital', 'police', 'other')),
	CONSTRAINT "crisis_responders_answer_known" CHECK (answer is null or answer in ('on_site', 'on_the_way', 'helps_from_afar', 'cannot')),
	CONSTRAINT "crisis_responders_answer_has_time" CHECK ((answer is null) = (answered_at is null)),
	CONSTRAINT "crisis_responders_contacted_first" CHECK (answered_at is null or contacted_at is not null),
	CONSTRAINT "crisis_responders_staff_named" CHECK (kind <> 'staff' or staff_id is not null)
);
--> statement-breakpoint
CREATE TABLE "crises" (
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
	"lead_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"subkind" text,
	"alert_id" uuid,
	"case_id" uuid,
	"sealed" "bytea",
	"outcome" text,
	"outcome_on" date,
	"end_reason" text,
	"closed_at" timestamp with time zone,
	"due_at" timestamp with time zone,
	"beyond_horizon" boolean NOT NULL,
	"escalates_at" timestamp with time zone,
	"escalation" integer NOT NULL,
	CONSTRAINT "crises_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "crises_step_known" CHECK (step in ('open', 'mobilised', 'stabilised', 'debriefed', 'closed')),
	CONSTRAINT "crises_kind_known" CHECK (kind in ('academic', 'safety')),
	CONSTRAINT "crises_subkind_known" CHECK (subkind is null or subkind in ('moved_down', 'academic_probation', 'delayed_graduation', 'at_risk_of_dismissal', 'self_harm', 'psychological', 'missing', 'violence', 'accident_or_illness')),
	CONSTRAINT "crises_outcome_known" CHECK (outcome is null or outcome in ('continued', 'moved_down', 'probation', 'delayed', 'leave', 'dismissed', 'withdrew', 'handed_over')),
	CONSTRAINT "crises_end_reason_known" CHECK (end_reason is null or end_reason in ('false_alarm', 'handed_over', 'left_school', 'died')),
	CONSTRAINT "crises_closed_has_time" CHECK ((step = 'closed') = (closed_at is not null))
);
--> statement-breakpoint
CREATE TABLE "crisis_moves" (
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
	CONSTRAINT "crisis_moves_pk" PRIMARY KEY("institution_id","subject_id","n"),
	CONSTRAINT "crisis_moves_edge_allowed" CHECK ((n = 0 and from_step is null and to_step = 'open') or (n > 0 and from_step is not null and (from_step, to_step) in (('open', 'mobilised'), ('mobilised', 'stabilised'), ('stabilised', 'debriefed'), ('stabilised', 'mobilised'), ('open', 'debriefed'), ('mobilised', 'debriefed'), ('debriefed', 'closed'))))
);
--> statement-breakpoint
CREATE TABLE "crisis_told" (
	"institution_id" uuid NOT NULL,
	"crisis_id" uuid NOT NULL,
	"staff_id" uuid NOT NULL,
	"why" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "crisis_told_pk" PRIMARY KEY("institution_id","crisis_id","staff_id"),
	CONSTRAINT "crisis_told_why_known" CHECK (why in ('opened', 'escalated'))
);
--> statement-breakpoint
ALTER TABLE "case_holds" ALTER COLUMN "opened_by" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "case_holds" ADD COLUMN "crisis_id" uuid;--> statement-breakpoint
ALTER TABLE "crisis_debriefs" ADD CONSTRAINT "crisis_debriefs_crisis" FOREIGN KEY ("institution_id","crisis_id") REFERENCES "public"."crises"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crisis_decisions" ADD CONSTRAINT "crisis_decisions_crisis" FOREIGN KEY ("institution_id","crisis_id") REFERENCES "public"."crises"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crisis_exemptions" ADD CONSTRAINT "crisis_exemptions_crisis" FOREIGN KEY ("institution_id","crisis_id") REFERENCES "public"."crises"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crisis_measures" ADD CONSTRAINT "crisis_measures_crisis" FOREIGN KEY ("institution_id","crisis_id") REFERENCES "public"."crises"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crisis_minutes" ADD CONSTRAINT "crisis_minutes_crisis" FOREIGN KEY ("institution_id","crisis_id") REFERENCES "public"."crises"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crisis_notices" ADD CONSTRAINT "crisis_notices_crisis" FOREIGN KEY ("institution_id","crisis_id") REFERENCES "public"."crises"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crisis_responders" ADD CONSTRAINT "crisis_responders_crisis" FOREIGN KEY ("institution_id","crisis_id") REFERENCES "public"."crises"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crises" ADD CONSTRAINT "crises_student" FOREIGN KEY ("institution_id","student_id") REFERENCES "public"."students"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crises" ADD CONSTRAINT "crises_lead" FOREIGN KEY ("institution_id","lead_id") REFERENCES "public"."staff"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crises" ADD CONSTRAINT "crises_alert" FOREIGN KEY ("institution_id","alert_id") REFERENCES "public"."alerts"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crisis_moves" ADD CONSTRAINT "crisis_moves_subject" FOREIGN KEY ("institution_id","subject_id") REFERENCES "public"."crises"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crisis_told" ADD CONSTRAINT "crisis_told_crisis" FOREIGN KEY ("institution_id","crisis_id") REFERENCES "public"."crises"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "crisis_debriefs_by_crisis" ON "crisis_debriefs" USING btree ("institution_id","crisis_id");--> statement-breakpoint
CREATE INDEX "crisis_decisions_by_crisis" ON "crisis_decisions" USING btree ("institution_id","crisis_id");--> statement-breakpoint
CREATE INDEX "crisis_exemptions_by_crisis" ON "crisis_exemptions" USING btree ("institution_id","crisis_id");--> statement-breakpoint
CREATE INDEX "crisis_measures_by_crisis" ON "crisis_measures" USING btree ("institution_id","crisis_id");--> statement-breakpoint
CREATE INDEX "crisis_minutes_by_time" ON "crisis_minutes" USING btree ("institution_id","crisis_id","happened_at","id");--> statement-breakpoint
CREATE INDEX "crisis_notices_by_crisis" ON "crisis_notices" USING btree ("institution_id","crisis_id");--> statement-breakpoint
CREATE INDEX "crisis_responders_by_crisis" ON "crisis_responders" USING btree ("institution_id","crisis_id");--> statement-breakpoint
CREATE INDEX "crisis_responders_by_staff" ON "crisis_responders" USING btree ("institution_id","staff_id","crisis_id") WHERE staff_id is not null and released_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "crisis_responders_one_a_person" ON "crisis_responders" USING btree ("institution_id","crisis_id","staff_id") WHERE staff_id is not null and released_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "crises_one_open" ON "crises" USING btree ("institution_id","student_id","kind") WHERE step in ('open', 'mobilised', 'stabilised');--> statement-breakpoint
CREATE INDEX "crises_by_lead" ON "crises" USING btree ("institution_id","lead_id","opened_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "crises_open_by_lead" ON "crises" USING btree ("institution_id","lead_id","opened_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "crises_by_unit" ON "crises" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "crises_open_by_unit" ON "crises" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "crises_to_escalate" ON "crises" USING btree ("escalates_at") WHERE escalates_at is not null;--> statement-breakpoint
CREATE INDEX "crisis_told_by_staff" ON "crisis_told" USING btree ("institution_id","staff_id","crisis_id");--> statement-breakpoint
CREATE UNIQUE INDEX "case_holds_one_a_crisis" ON "case_holds" USING btree ("institution_id","crisis_id","case_id") WHERE crisis_id is not null;--> statement-breakpoint
CREATE INDEX "case_holds_open_of_crises" ON "case_holds" USING btree ("institution_id","crisis_id") WHERE crisis_id is not null and lifted_version is null;