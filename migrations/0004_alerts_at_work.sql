ALTER TABLE "alert_told" DROP CONSTRAINT "alert_told_why_known";--> statement-breakpoint
ALTER TABLE "signals" DROP CONSTRAINT "signals_kind_known";--> statement-breakpoint
DROP INDEX "alert_told_by_staff";--> statement-breakpoint
ALTER TABLE "alert_dispositions" ADD COLUMN "flagged_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "alert_told" ADD COLUMN "opened_at" timestamp with time zone NOT NULL;--> statement-breakpoint
ALTER TABLE "alert_told" ADD COLUMN "open" boolean NOT NULL;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "rules_version" integer NOT NULL;--> statement-breakpoint
CREATE INDEX "alert_dispositions_watched" ON "alert_dispositions" USING btree ("until_day") WHERE until_day is not null and flagged_at is null;--> statement-breakpoint
CREATE INDEX "alert_told_open_by_staff" ON "alert_told" USING btree ("institution_id","staff_id","opened_at" DESC NULLS LAST,"alert_id" DESC NULLS LAST) WHERE open;--> statement-breakpoint
CREATE INDEX "alerts_without_target" ON "alerts" USING btree ("institution_id","rules_version") WHERE beyond_horizon;--> statement-breakpoint
CREATE INDEX "alert_told_by_staff" ON "alert_told" USING btree ("institution_id","staff_id","opened_at" DESC NULLS LAST,"alert_id" DESC NULLS LAST);--> statement-breakpoint
ALTER TABLE "alert_told" ADD CONSTRAINT "alert_told_why_known" CHECK (why in ('routed', 'escalated', 'case_owner', 'merged'));--> statement-breakpoint
ALTER TABLE "signals" ADD CONSTRAINT "signals_kind_known" CHECK (kind in ('failed_course', 'low_score', 'missing_work', 'credit_shortfall', 'bottom_of_course', 'drop_in_results', 'standing_at_risk', 'absence', 'silence', 'leave_overdue', 'late_return', 'conduct', 'hardship', 'family_event', 'relations', 'low_mood', 'safety_concern', 'watch_ended', 'request_for_help', 'progress', 'praise'));