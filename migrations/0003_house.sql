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
CREATE TABLE "sandbox_clock" (
	"id" integer PRIMARY KEY NOT NULL,
	"offset_ms" bigint NOT NULL,
	"moved_at" timestamp with time zone NOT NULL,
	CONSTRAINT "sandbox_clock_one_row" CHECK (id = 1),
	CONSTRAINT "sandbox_clock_forward" CHECK (offset_ms >= 0)
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
	"flagged_at" timestamp with time zone,
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
	"opened_at" timestamp with time zone NOT NULL,
	"open" boolean NOT NULL,
	CONSTRAINT "alert_told_pk" PRIMARY KEY("institution_id","alert_id","staff_id"),
	CONSTRAINT "alert_told_why_known" CHECK (why in ('routed', 'escalated', 'case_owner', 'merged'))
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
	"rules_version" integer NOT NULL,
	"escalates_at" timestamp with time zone,
	"escalation" integer NOT NULL,
	"merged_into" uuid,
	CONSTRAINT "alerts_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "alerts_step_known" CHECK (step in ('raised', 'acknowledged', 'resolved')),
	CONSTRAINT "alerts_severity_known" CHECK (severity in ('blue', 'yellow', 'orange', 'red'))
);--> statement-breakpoint
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
);--> statement-breakpoint
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
);--> statement-breakpoint
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
);--> statement-breakpoint
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
);--> statement-breakpoint
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
);--> statement-breakpoint
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
);--> statement-breakpoint
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
);--> statement-breakpoint
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
);--> statement-breakpoint
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
);--> statement-breakpoint
CREATE TABLE "crisis_told" (
	"institution_id" uuid NOT NULL,
	"crisis_id" uuid NOT NULL,
	"staff_id" uuid NOT NULL,
	"why" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "crisis_told_pk" PRIMARY KEY("institution_id","crisis_id","staff_id"),
	CONSTRAINT "crisis_told_why_known" CHECK (why in ('opened', 'escalated'))
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
	CONSTRAINT "signals_kind_known" CHECK (kind in ('failed_course', 'low_score', 'missing_work', 'credit_shortfall', 'bottom_of_course', 'drop_in_results', 'standing_at_risk', 'absence', 'silence', 'leave_overdue', 'late_return', 'conduct', 'hardship', 'family_event', 'relations', 'low_mood', 'safety_concern', 'watch_ended', 'request_for_help', 'progress', 'praise')),
	CONSTRAINT "signals_severity_known" CHECK (severity is null or severity in ('blue', 'yellow', 'orange', 'red')),
	CONSTRAINT "signals_status_known" CHECK (status in ('open', 'cleared'))
);--> statement-breakpoint
ALTER TABLE "vault" RENAME COLUMN "case_id" TO "subject_id";--> statement-breakpoint
ALTER TABLE "contacts" DROP CONSTRAINT "contacts_external_id";--> statement-breakpoint
ALTER TABLE "vault" DROP CONSTRAINT "vault_case";--> statement-breakpoint
DROP INDEX "contacts_by_student";--> statement-breakpoint
DROP INDEX "attachments_by_case";--> statement-breakpoint
DROP INDEX "cases_by_owner";--> statement-breakpoint
DROP INDEX "cases_open_by_owner";--> statement-breakpoint
DROP INDEX "cases_by_unit";--> statement-breakpoint
DROP INDEX "cases_open_by_unit";--> statement-breakpoint
DROP INDEX "cases_by_student";--> statement-breakpoint
DROP INDEX "records_by_case";--> statement-breakpoint
DROP INDEX "transfers_by_recipient";--> statement-breakpoint
ALTER TABLE "actions" ALTER COLUMN "goal_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "case_holds" ALTER COLUMN "opened_by" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "types" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD COLUMN "location" text;--> statement-breakpoint
ALTER TABLE "case_holds" ADD COLUMN "crisis_id" uuid;--> statement-breakpoint
ALTER TABLE "cases" ADD COLUMN "agreement_until" date;--> statement-breakpoint
ALTER TABLE "cases" ADD COLUMN "deferral_due_on" date;--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "basis" text;--> statement-breakpoint
ALTER TABLE "contacts" ADD CONSTRAINT "contacts_external_id" UNIQUE("institution_id","student_id","external_id");--> statement-breakpoint
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
ALTER TABLE "warning_rule_versions" ADD CONSTRAINT "warning_rule_versions_rule" FOREIGN KEY ("institution_id","rule_id") REFERENCES "public"."warning_rules"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signal_history" ADD CONSTRAINT "signal_history_signal" FOREIGN KEY ("institution_id","signal_id") REFERENCES "public"."signals"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signals" ADD CONSTRAINT "signals_student" FOREIGN KEY ("institution_id","student_id") REFERENCES "public"."students"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "alert_dispositions_by_alert" ON "alert_dispositions" USING btree ("institution_id","alert_id");--> statement-breakpoint
CREATE INDEX "alert_dispositions_watched" ON "alert_dispositions" USING btree ("until_day") WHERE until_day is not null and flagged_at is null;--> statement-breakpoint
CREATE INDEX "alert_notices_by_alert" ON "alert_notices" USING btree ("institution_id","alert_id");--> statement-breakpoint
CREATE INDEX "alert_objections_by_alert" ON "alert_objections" USING btree ("institution_id","alert_id");--> statement-breakpoint
CREATE INDEX "alert_told_by_staff" ON "alert_told" USING btree ("institution_id","staff_id","opened_at" DESC NULLS LAST,"alert_id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "alert_told_open_by_staff" ON "alert_told" USING btree ("institution_id","staff_id","opened_at" DESC NULLS LAST,"alert_id" DESC NULLS LAST) WHERE open;--> statement-breakpoint
CREATE INDEX "alerts_open_by_student" ON "alerts" USING btree ("institution_id","student_id") WHERE step <> 'resolved';--> statement-breakpoint
CREATE INDEX "alerts_by_student" ON "alerts" USING btree ("institution_id","student_id","opened_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "alerts_open_by_owner" ON "alerts" USING btree ("institution_id","owner_id","opened_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE step <> 'resolved';--> statement-breakpoint
CREATE INDEX "alerts_open_by_unit" ON "alerts" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE step <> 'resolved';--> statement-breakpoint
CREATE INDEX "alerts_by_owner" ON "alerts" USING btree ("institution_id","owner_id","opened_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "alerts_by_unit" ON "alerts" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "alerts_without_target" ON "alerts" USING btree ("institution_id","rules_version") WHERE beyond_horizon;--> statement-breakpoint
CREATE INDEX "alerts_to_escalate" ON "alerts" USING btree ("escalates_at") WHERE escalates_at is not null;--> statement-breakpoint
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
CREATE INDEX "crises_by_lead" ON "crises" USING btree ("institution_id","lead_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "crises_open_by_lead" ON "crises" USING btree ("institution_id","lead_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "crises_by_unit" ON "crises" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "crises_open_by_unit" ON "crises" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "crises_to_escalate" ON "crises" USING btree ("escalates_at") WHERE escalates_at is not null;--> statement-breakpoint
CREATE INDEX "crisis_told_by_staff" ON "crisis_told" USING btree ("institution_id","staff_id","crisis_id");--> statement-breakpoint
CREATE INDEX "warning_rules_in_order" ON "warning_rules" USING btree ("institution_id","created_at","id");--> statement-breakpoint
CREATE INDEX "signals_pending" ON "signals" USING btree ("institution_id","student_id") WHERE pending and student_id is not null;--> statement-breakpoint
CREATE INDEX "signals_quarantined" ON "signals" USING btree ("institution_id","student_number","id") WHERE student_id is null;--> statement-breakpoint
CREATE INDEX "signals_of_source" ON "signals" USING btree ("institution_id","origin","id") WHERE origin not in ('people', 'rules', 'service');--> statement-breakpoint
CREATE INDEX "signals_by_student" ON "signals" USING btree ("institution_id","student_id","observed_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE student_id is not null;--> statement-breakpoint
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
CREATE INDEX "identities_by_staff" ON "identities" USING btree ("institution_id","staff_id");--> statement-breakpoint
CREATE INDEX "identities_by_student" ON "identities" USING btree ("institution_id","student_id");--> statement-breakpoint
CREATE INDEX "access_grants_to_review" ON "access_grants" USING btree ("institution_id","case_id") WHERE reviewed_at is null;--> statement-breakpoint
CREATE INDEX "case_holds_open" ON "case_holds" USING btree ("institution_id","case_id") WHERE lifted_version is null;--> statement-breakpoint
CREATE UNIQUE INDEX "case_holds_one_a_crisis" ON "case_holds" USING btree ("institution_id","crisis_id","case_id") WHERE crisis_id is not null;--> statement-breakpoint
CREATE INDEX "case_holds_open_of_crises" ON "case_holds" USING btree ("institution_id","crisis_id") WHERE crisis_id is not null and lifted_version is null;--> statement-breakpoint
CREATE INDEX "cases_owing_by_unit" ON "cases" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE closed_at is null and deferral_due_on is not null;--> statement-breakpoint
CREATE INDEX "cases_paused_by_unit" ON "cases" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE closed_at is null and paused_on is not null;--> statement-breakpoint
CREATE INDEX "consents_to_service" ON "consents" USING btree ("institution_id","case_id") WHERE purpose = 'service' and ended is null;--> statement-breakpoint
CREATE INDEX "cases_by_owner" ON "cases" USING btree ("institution_id","owner_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "cases_open_by_owner" ON "cases" USING btree ("institution_id","owner_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "cases_by_unit" ON "cases" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "cases_open_by_unit" ON "cases" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "cases_by_student" ON "cases" USING btree ("institution_id","student_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "records_by_case" ON "records" USING btree ("institution_id","case_id","written_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "transfers_by_recipient" ON "transfers" USING btree ("institution_id","to_id","offered_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
ALTER TABLE "cases" DROP COLUMN "beside_case_id";--> statement-breakpoint
ALTER TABLE "referrals" DROP COLUMN "sealed_result";--> statement-breakpoint
ALTER TABLE "case_workers" ADD CONSTRAINT "case_workers_days_in_order" CHECK (valid_until is null or valid_until >= valid_from);--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals_basis_known" CHECK (basis is null or basis in ('student_consent', 'legal_duty', 'danger', 'official_record', 'offered_unasked'));
