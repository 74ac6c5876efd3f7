ALTER TABLE "alert_notices" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "alert_notices" ADD COLUMN "shown" jsonb;--> statement-breakpoint
ALTER TABLE "alert_objections" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "risen_version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "risen_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "seen_version" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "alert_version" integer;--> statement-breakpoint
CREATE INDEX "signals_of_person" ON "signals" USING btree ("institution_id","raised_by","id") WHERE raised_by is not null;