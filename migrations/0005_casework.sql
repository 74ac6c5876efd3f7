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
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_of_case" UNIQUE("institution_id","case_id","id");--> statement-breakpoint
DROP INDEX "attachments_by_case";--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "basis" text;--> statement-breakpoint
ALTER TABLE "referral_answers" ADD CONSTRAINT "referral_answers_case" FOREIGN KEY ("institution_id","case_id") REFERENCES "public"."cases"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_answers" ADD CONSTRAINT "referral_answers_referral" FOREIGN KEY ("institution_id","referral_id") REFERENCES "public"."referrals"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_answers" ADD CONSTRAINT "referral_answers_words" FOREIGN KEY ("institution_id","words_id") REFERENCES "public"."vault"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "actions" ADD CONSTRAINT "actions_plan" FOREIGN KEY ("institution_id","plan_id") REFERENCES "public"."records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "actions" ADD CONSTRAINT "actions_goal" FOREIGN KEY ("institution_id","case_id","goal_id") REFERENCES "public"."goals"("institution_id","case_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consents" ADD CONSTRAINT "consents_record" FOREIGN KEY ("institution_id","record_id") REFERENCES "public"."records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "goals" ADD CONSTRAINT "goals_plan" FOREIGN KEY ("institution_id","plan_id") REFERENCES "public"."records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waivers" ADD CONSTRAINT "waivers_record" FOREIGN KEY ("institution_id","record_id") REFERENCES "public"."records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_signatures" ADD CONSTRAINT "record_signatures_attachment" FOREIGN KEY ("institution_id","case_id","attachment_id") REFERENCES "public"."attachments"("institution_id","case_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records" ADD CONSTRAINT "records_amends" FOREIGN KEY ("institution_id","amends_id") REFERENCES "public"."records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records" ADD CONSTRAINT "records_adopted_from" FOREIGN KEY ("institution_id","adopted_from_id") REFERENCES "public"."records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access_grants" ADD CONSTRAINT "access_grants_staff" FOREIGN KEY ("institution_id","staff_id") REFERENCES "public"."staff"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "case_holds" ADD CONSTRAINT "case_holds_recipient" FOREIGN KEY ("institution_id","recipient_id") REFERENCES "public"."staff"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_from" FOREIGN KEY ("institution_id","from_id") REFERENCES "public"."staff"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_to" FOREIGN KEY ("institution_id","to_id") REFERENCES "public"."staff"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "journal_enrolments" ON "journal" USING btree ("institution_id","subject_id","seq") WHERE type = 'student.enrolment_changed';--> statement-breakpoint
ALTER TABLE "cases" DROP COLUMN "beside_case_id";--> statement-breakpoint
ALTER TABLE "referrals" DROP COLUMN "sealed_result";--> statement-breakpoint
ALTER TABLE "case_workers" ADD CONSTRAINT "case_workers_days_in_order" CHECK (valid_until is null or valid_until >= valid_from);--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals_basis_known" CHECK (basis is null or basis in ('student_consent', 'legal_duty', 'danger', 'official_record', 'offered_unasked'));
