ALTER TABLE "enrolments" ADD COLUMN "origin" text;--> statement-breakpoint
ALTER TABLE "staff" ADD COLUMN "origin" text;--> statement-breakpoint
ALTER TABLE "staff_roles" ADD COLUMN "origin" text;--> statement-breakpoint
ALTER TABLE "students" ADD COLUMN "origin" text;--> statement-breakpoint
-- Plain CSV gave people their number as source id, and roles an id of parts: what has another came from OneRoster. What is
-- left without an origin is missed by no import until one names it again.
UPDATE "students" SET "origin" = 'oneroster' WHERE "source_id" <> "number";--> statement-breakpoint
UPDATE "staff" SET "origin" = 'oneroster' WHERE "source_id" <> "external_id";--> statement-breakpoint
UPDATE "staff_roles" SET "origin" = 'oneroster' WHERE "external_id" NOT LIKE '%|%' AND length("external_id") < 64;
