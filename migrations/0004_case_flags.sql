DROP INDEX "records_by_case";--> statement-breakpoint
DROP INDEX "cases_by_owner";--> statement-breakpoint
DROP INDEX "cases_open_by_owner";--> statement-breakpoint
DROP INDEX "cases_by_unit";--> statement-breakpoint
DROP INDEX "cases_open_by_unit";--> statement-breakpoint
DROP INDEX "cases_by_student";--> statement-breakpoint
DROP INDEX "transfers_by_recipient";--> statement-breakpoint
ALTER TABLE "actions" ALTER COLUMN "goal_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "cases" ADD COLUMN "agreement_until" date;--> statement-breakpoint
ALTER TABLE "cases" ADD COLUMN "deferral_due_on" date;--> statement-breakpoint
CREATE INDEX "consents_to_service" ON "consents" USING btree ("institution_id","case_id") WHERE purpose = 'service' and ended is null;--> statement-breakpoint
CREATE INDEX "cases_owing_by_unit" ON "cases" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE closed_at is null and deferral_due_on is not null;--> statement-breakpoint
CREATE INDEX "cases_paused_by_unit" ON "cases" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE closed_at is null and paused_on is not null;--> statement-breakpoint
CREATE INDEX "access_grants_to_review" ON "access_grants" USING btree ("institution_id","case_id") WHERE reviewed_at is null;--> statement-breakpoint
CREATE INDEX "case_holds_open" ON "case_holds" USING btree ("institution_id","case_id") WHERE lifted_version is null;--> statement-breakpoint
CREATE INDEX "records_by_case" ON "records" USING btree ("institution_id","case_id","written_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "cases_by_owner" ON "cases" USING btree ("institution_id","owner_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "cases_open_by_owner" ON "cases" USING btree ("institution_id","owner_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "cases_by_unit" ON "cases" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "cases_open_by_unit" ON "cases" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "cases_by_student" ON "cases" USING btree ("institution_id","student_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "transfers_by_recipient" ON "transfers" USING btree ("institution_id","to_id","offered_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);