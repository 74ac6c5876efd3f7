ALTER TABLE "contacts" DROP CONSTRAINT "contacts_external_id";--> statement-breakpoint
DROP INDEX "contacts_by_student";--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "types" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
CREATE INDEX "identities_by_staff" ON "identities" USING btree ("institution_id","staff_id");--> statement-breakpoint
CREATE INDEX "identities_by_student" ON "identities" USING btree ("institution_id","student_id");--> statement-breakpoint
ALTER TABLE "contacts" ADD CONSTRAINT "contacts_external_id" UNIQUE("institution_id","student_id","external_id");