ALTER TABLE "attachments" ADD CONSTRAINT "attachments_of_case" UNIQUE("institution_id","case_id","id");--> statement-breakpoint
DROP INDEX "attachments_by_case";--> statement-breakpoint
ALTER TABLE "record_signatures" ADD CONSTRAINT "record_signatures_attachment" FOREIGN KEY ("institution_id","case_id","attachment_id") REFERENCES "public"."attachments"("institution_id","case_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cases" DROP COLUMN "beside_case_id";--> statement-breakpoint
ALTER TABLE "case_workers" ADD CONSTRAINT "case_workers_days_in_order" CHECK (valid_until is null or valid_until >= valid_from);
