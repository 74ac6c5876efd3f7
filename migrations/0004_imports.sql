CREATE TABLE "import_mappings" (
	"institution_id" uuid NOT NULL,
	"name" text NOT NULL,
	"version" integer NOT NULL,
	"mapping" jsonb NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "import_mappings_pk" PRIMARY KEY("institution_id","name")
);
--> statement-breakpoint
CREATE TABLE "assessments" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"title" text NOT NULL,
	"section_id" uuid,
	"course_id" uuid NOT NULL,
	"term_id" uuid NOT NULL,
	"due_on" date,
	"weight" numeric(5, 2),
	"max_score" numeric(8, 2) NOT NULL,
	"is_final" boolean NOT NULL,
	CONSTRAINT "assessments_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "assessments_external_id" UNIQUE("institution_id","external_id"),
	CONSTRAINT "assessments_weight_in_range" CHECK (weight is null or (weight >= 0 and weight <= 100)),
	CONSTRAINT "assessments_max_score_positive" CHECK (max_score > 0)
);
--> statement-breakpoint
CREATE TABLE "enrolments" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"student_id" uuid NOT NULL,
	"section_id" uuid NOT NULL,
	"valid_from" date NOT NULL,
	"valid_until" date,
	CONSTRAINT "enrolments_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "enrolments_external_id" UNIQUE("institution_id","external_id")
);
--> statement-breakpoint
CREATE TABLE "sections" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"name" text NOT NULL,
	"course_id" uuid NOT NULL,
	"term_id" uuid NOT NULL,
	CONSTRAINT "sections_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "sections_external_id" UNIQUE("institution_id","external_id")
);
--> statement-breakpoint
CREATE TABLE "operations" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"version" integer NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" uuid NOT NULL,
	"request" text NOT NULL,
	"input" jsonb NOT NULL,
	"upload_id" uuid,
	"state" jsonb,
	"report" jsonb,
	"done" bigint NOT NULL,
	"total" bigint,
	"result" jsonb,
	"problem" jsonb,
	"cancellable" boolean NOT NULL,
	"cancel_requested_at" timestamp with time zone,
	"lease_until" timestamp with time zone,
	"fence" integer NOT NULL,
	"attempts" integer NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	CONSTRAINT "operations_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "operations_status_known" CHECK (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
	CONSTRAINT "operations_end_is_dated" CHECK ((finished_at is not null) = (status in ('succeeded', 'failed', 'cancelled'))),
	CONSTRAINT "operations_fail_with_a_problem" CHECK ((status = 'failed') = (problem is not null))
);
--> statement-breakpoint
CREATE TABLE "upload_chunks" (
	"institution_id" uuid NOT NULL,
	"upload_id" uuid NOT NULL,
	"n" integer NOT NULL,
	"bytes" "bytea" NOT NULL,
	CONSTRAINT "upload_chunks_pk" PRIMARY KEY("institution_id","upload_id","n")
);
--> statement-breakpoint
CREATE TABLE "uploads" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"size" bigint,
	CONSTRAINT "uploads_pk" PRIMARY KEY("institution_id","id")
);
--> statement-breakpoint
ALTER TABLE "results" ADD COLUMN "assessment_id" uuid;--> statement-breakpoint
ALTER TABLE "staff" ADD COLUMN "source_id" text;--> statement-breakpoint
ALTER TABLE "staff_roles" ADD COLUMN "external_id" text;--> statement-breakpoint
ALTER TABLE "students" ADD COLUMN "source_id" text;--> statement-breakpoint
ALTER TABLE "students" ADD COLUMN "absent_since" date;--> statement-breakpoint
ALTER TABLE "assessments" ADD CONSTRAINT "assessments_section" FOREIGN KEY ("institution_id","section_id") REFERENCES "public"."sections"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assessments" ADD CONSTRAINT "assessments_course" FOREIGN KEY ("institution_id","course_id") REFERENCES "public"."courses"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assessments" ADD CONSTRAINT "assessments_term" FOREIGN KEY ("institution_id","term_id") REFERENCES "public"."terms"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrolments" ADD CONSTRAINT "enrolments_student" FOREIGN KEY ("institution_id","student_id") REFERENCES "public"."students"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrolments" ADD CONSTRAINT "enrolments_section" FOREIGN KEY ("institution_id","section_id") REFERENCES "public"."sections"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sections" ADD CONSTRAINT "sections_course" FOREIGN KEY ("institution_id","course_id") REFERENCES "public"."courses"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sections" ADD CONSTRAINT "sections_term" FOREIGN KEY ("institution_id","term_id") REFERENCES "public"."terms"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "assessments_by_course" ON "assessments" USING btree ("institution_id","course_id","term_id","due_on");--> statement-breakpoint
CREATE INDEX "enrolments_by_student" ON "enrolments" USING btree ("institution_id","student_id");--> statement-breakpoint
CREATE INDEX "enrolments_by_section" ON "enrolments" USING btree ("institution_id","section_id");--> statement-breakpoint
CREATE INDEX "sections_by_term" ON "sections" USING btree ("institution_id","term_id","course_id");--> statement-breakpoint
CREATE INDEX "operations_by_actor" ON "operations" USING btree ("institution_id","actor_id","id");--> statement-breakpoint
CREATE INDEX "operations_unfinished" ON "operations" USING btree ("created_at","id") WHERE finished_at is null;--> statement-breakpoint
CREATE INDEX "operations_finished" ON "operations" USING btree ("finished_at") WHERE finished_at is not null;--> statement-breakpoint
CREATE INDEX "uploads_by_age" ON "uploads" USING btree ("created_at");--> statement-breakpoint
ALTER TABLE "results" ADD CONSTRAINT "results_assessment" FOREIGN KEY ("institution_id","assessment_id") REFERENCES "public"."assessments"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "identities_by_staff" ON "identities" USING btree ("institution_id","staff_id") WHERE staff_id is not null;--> statement-breakpoint
CREATE INDEX "identities_by_student" ON "identities" USING btree ("institution_id","student_id") WHERE student_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "staff_source_id" ON "staff" USING btree ("institution_id","source_id") WHERE source_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "staff_roles_external_id" ON "staff_roles" USING btree ("institution_id","external_id") WHERE external_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "students_source_id" ON "students" USING btree ("institution_id","source_id") WHERE source_id is not null;