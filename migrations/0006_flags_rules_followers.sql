CREATE TABLE "journal_followers" (
	"name" text NOT NULL,
	"institution_id" uuid NOT NULL,
	"position" bigint NOT NULL,
	CONSTRAINT "journal_followers_pk" PRIMARY KEY("name","institution_id")
);
--> statement-breakpoint
CREATE TABLE "warning_rule_versions" (
	"institution_id" uuid NOT NULL,
	"rule_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"rule" jsonb NOT NULL,
	"by_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "warning_rule_versions_pk" PRIMARY KEY("institution_id","rule_id","version")
);
--> statement-breakpoint
CREATE TABLE "warning_rules" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"version" integer NOT NULL,
	"rule" jsonb NOT NULL,
	"active" boolean NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "warning_rules_pk" PRIMARY KEY("institution_id","id")
);
--> statement-breakpoint
ALTER TABLE "actions" ALTER COLUMN "goal_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "cases" ADD COLUMN "agreement_until" date;--> statement-breakpoint
ALTER TABLE "cases" ADD COLUMN "deferral_due_on" date;--> statement-breakpoint
ALTER TABLE "warning_rule_versions" ADD CONSTRAINT "warning_rule_versions_rule" FOREIGN KEY ("institution_id","rule_id") REFERENCES "public"."warning_rules"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "warning_rules_in_order" ON "warning_rules" USING btree ("institution_id","created_at","id");--> statement-breakpoint
CREATE INDEX "consents_to_service" ON "consents" USING btree ("institution_id","case_id") WHERE purpose = 'service' and ended is null;--> statement-breakpoint
CREATE INDEX "cases_owing_by_unit" ON "cases" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE closed_at is null and deferral_due_on is not null;--> statement-breakpoint
CREATE INDEX "cases_paused_by_unit" ON "cases" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE closed_at is null and paused_on is not null;--> statement-breakpoint
CREATE INDEX "access_grants_to_review" ON "access_grants" USING btree ("institution_id","case_id") WHERE reviewed_at is null;--> statement-breakpoint
CREATE INDEX "case_holds_open" ON "case_holds" USING btree ("institution_id","case_id") WHERE lifted_version is null;