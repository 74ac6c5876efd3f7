DROP INDEX "signals_quarantined";--> statement-breakpoint
ALTER TABLE "signal_history" ADD COLUMN "observed_at" timestamp with time zone NOT NULL;--> statement-breakpoint
ALTER TABLE "signal_history" ADD COLUMN "status" text NOT NULL;--> statement-breakpoint
ALTER TABLE "signal_history" ADD COLUMN "received_at" timestamp with time zone NOT NULL;--> statement-breakpoint
CREATE INDEX "signals_of_source" ON "signals" USING btree ("institution_id","origin","id") WHERE origin not in ('people', 'rules', 'service');--> statement-breakpoint
CREATE INDEX "signals_quarantined" ON "signals" USING btree ("institution_id","student_number","id") WHERE student_id is null;--> statement-breakpoint
ALTER TABLE "signal_history" DROP CONSTRAINT "signal_history_pk";
--> statement-breakpoint
ALTER TABLE "signal_history" DROP COLUMN "n";--> statement-breakpoint
ALTER TABLE "signal_history" ADD CONSTRAINT "signal_history_pk" PRIMARY KEY("institution_id","signal_id","observed_at","status");