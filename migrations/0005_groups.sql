CREATE TABLE "group_members" (
	"institution_id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"id" text NOT NULL,
	"place" integer NOT NULL,
	"student_id" uuid,
	"staff_id" uuid,
	"sealed_name" "bytea",
	"role" text NOT NULL,
	"status" text NOT NULL,
	"strengths" text[] DEFAULT '{}' NOT NULL,
	"needs" text[] DEFAULT '{}' NOT NULL,
	"profile_version" integer DEFAULT 0 NOT NULL,
	"baseline_version" integer DEFAULT 0 NOT NULL,
	"accepted_version" integer DEFAULT 0 NOT NULL,
	"told_version" integer DEFAULT 0 NOT NULL,
	"attainment" integer,
	"outcome_version" integer DEFAULT 0 NOT NULL,
	"onward_path" text,
	"onward_version" integer DEFAULT 0 NOT NULL,
	"consented_on" date,
	"left_on" date,
	"left_reason" text,
	"left_version" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "group_members_pk" PRIMARY KEY("institution_id","group_id","id"),
	CONSTRAINT "group_members_one_person" CHECK (num_nonnulls(student_id, staff_id) <= 1),
	CONSTRAINT "group_members_role_known" CHECK (role in ('student', 'volunteer', 'worker', 'supporter')),
	CONSTRAINT "group_members_status_known" CHECK (status in ('waiting', 'proposed', 'selected', 'consented', 'active', 'completed', 'left')),
	CONSTRAINT "group_members_left_whole" CHECK ((status = 'left') = (left_on is not null and left_reason is not null) and (left_reason is null or left_reason in ('goals_met', 'no_longer_wants', 'no_time', 'health', 'left_school', 'moved_group', 'broke_norms', 'lost_contact', 'group_cancelled', 'group_ended', 'other')))
);
--> statement-breakpoint
CREATE TABLE "group_open_items" (
	"institution_id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"id" text NOT NULL,
	"place" integer NOT NULL,
	"kind" text NOT NULL,
	"due_on" date NOT NULL,
	"opened_version" integer NOT NULL,
	"resolution" text,
	"resolved_version" integer,
	CONSTRAINT "group_open_items_pk" PRIMARY KEY("institution_id","group_id","id"),
	CONSTRAINT "group_open_items_kind_known" CHECK (kind in ('below_minimum', 'composition_broken', 'pair_broken')),
	CONSTRAINT "group_open_items_resolution_known" CHECK (resolution is null or resolution in ('re_paired', 'recruited', 'type_changed', 'goes_on', 'ended_early')),
	CONSTRAINT "group_open_items_resolved_whole" CHECK ((resolution is null) = (resolved_version is null))
);
--> statement-breakpoint
CREATE TABLE "group_pairs" (
	"institution_id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"volunteer_id" text NOT NULL,
	"student_id" text NOT NULL,
	"from_version" integer NOT NULL,
	"until_version" integer,
	CONSTRAINT "group_pairs_pk" PRIMARY KEY("institution_id","group_id","volunteer_id","student_id","from_version")
);
--> statement-breakpoint
CREATE TABLE "group_attachments" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"media_type" text NOT NULL,
	"size" integer NOT NULL,
	"sealed_name" "bytea",
	"sealed" "bytea",
	"uploaded_by" uuid NOT NULL,
	"uploaded_at" timestamp with time zone NOT NULL,
	CONSTRAINT "group_attachments_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "group_attachments_of_group" UNIQUE("institution_id","group_id","id"),
	CONSTRAINT "group_attachments_size" CHECK (size between 1 and 10485760)
);
--> statement-breakpoint
CREATE TABLE "group_records" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"version" integer NOT NULL,
	"content" jsonb NOT NULL,
	"sealed" "bytea",
	"author_id" uuid NOT NULL,
	"written_at" timestamp with time zone NOT NULL,
	"step" text NOT NULL,
	"amends_id" uuid,
	"adopted_from_id" uuid,
	"signed_at" timestamp with time zone,
	"signed_version" integer,
	CONSTRAINT "group_records_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "group_records_status_known" CHECK (status in ('draft', 'signed', 'superseded', 'discarded')),
	CONSTRAINT "group_records_signed_whole" CHECK ((status in ('signed', 'superseded')) = (signed_at is not null and signed_version is not null))
);
--> statement-breakpoint
CREATE TABLE "group_record_signatures" (
	"institution_id" uuid NOT NULL,
	"record_id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"party" text NOT NULL,
	"method" text NOT NULL,
	"person_id" uuid,
	"recorded_by" uuid,
	"attachment_id" uuid,
	"sealed" "bytea",
	"at" timestamp with time zone NOT NULL,
	"record_version" integer NOT NULL,
	CONSTRAINT "group_record_signatures_pk" PRIMARY KEY("institution_id","record_id","party","record_version"),
	CONSTRAINT "group_record_signatures_party_known" CHECK (party in ('worker', 'member', 'line_manager')),
	CONSTRAINT "group_record_signatures_method_known" CHECK (method in ('own_token', 'paper', 'oral', 'message')),
	CONSTRAINT "group_record_signatures_evidence" CHECK ((method = 'own_token' and recorded_by is null) or (method <> 'own_token' and recorded_by is not null))
);
--> statement-breakpoint
CREATE TABLE "group_waivers" (
	"institution_id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"record_id" uuid NOT NULL,
	"need" text NOT NULL,
	"mode" text NOT NULL,
	"version" integer NOT NULL,
	CONSTRAINT "group_waivers_pk" PRIMARY KEY("institution_id","record_id","need"),
	CONSTRAINT "group_waivers_mode_known" CHECK (mode in ('waived'))
);
--> statement-breakpoint
CREATE TABLE "group_attendance" (
	"institution_id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"session_id" text NOT NULL,
	"member_id" text NOT NULL,
	"status" text NOT NULL,
	CONSTRAINT "group_attendance_pk" PRIMARY KEY("institution_id","group_id","session_id","member_id"),
	CONSTRAINT "group_attendance_status_known" CHECK (status in ('present', 'late', 'excused', 'absent'))
);
--> statement-breakpoint
CREATE TABLE "group_ratings" (
	"institution_id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"session_id" text NOT NULL,
	"from_id" text NOT NULL,
	"to_id" text NOT NULL,
	"rating" integer NOT NULL,
	CONSTRAINT "group_ratings_pk" PRIMARY KEY("institution_id","group_id","session_id","from_id","to_id"),
	CONSTRAINT "group_ratings_of_another" CHECK (from_id <> to_id and rating between -2 and 2)
);
--> statement-breakpoint
CREATE TABLE "group_sessions" (
	"institution_id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"id" text NOT NULL,
	"plan_id" uuid NOT NULL,
	"phase" text NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"on_day" date NOT NULL,
	"starts_at" text NOT NULL,
	"duration_minutes" integer NOT NULL,
	"held_version" integer DEFAULT 0 NOT NULL,
	"record_id" uuid,
	CONSTRAINT "group_sessions_pk" PRIMARY KEY("institution_id","group_id","id"),
	CONSTRAINT "group_sessions_phase_known" CHECK (phase in ('early', 'middle', 'late', 'ending')),
	CONSTRAINT "group_sessions_kind_known" CHECK (kind in ('opening', 'regular', 'sharing')),
	CONSTRAINT "group_sessions_status_known" CHECK (status in ('planned', 'held', 'dropped')),
	CONSTRAINT "group_sessions_held_whole" CHECK ((status = 'held') = (held_version > 0) and (status = 'held') = (record_id is not null))
);
--> statement-breakpoint
CREATE TABLE "group_co_leaders" (
	"institution_id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"staff_id" uuid NOT NULL,
	"valid_from" date NOT NULL,
	"valid_until" date,
	CONSTRAINT "group_co_leaders_pk" PRIMARY KEY("institution_id","group_id","staff_id","valid_from"),
	CONSTRAINT "group_co_leaders_days_in_order" CHECK (valid_until is null or valid_until >= valid_from)
);
--> statement-breakpoint
CREATE TABLE "group_moves" (
	"institution_id" uuid NOT NULL,
	"subject_id" uuid NOT NULL,
	"n" integer NOT NULL,
	"from_step" text,
	"to_step" text NOT NULL,
	"came_from" text,
	"version" integer NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"by_id" uuid,
	"reason" text,
	CONSTRAINT "group_moves_pk" PRIMARY KEY("institution_id","subject_id","n"),
	CONSTRAINT "group_moves_edge_allowed" CHECK ((n = 0 and from_step is null and to_step = 'preparation') or (n > 0 and from_step is not null and (from_step, to_step) in (('preparation', 'early'), ('early', 'middle'), ('middle', 'late'), ('late', 'ending'), ('early', 'ending'), ('middle', 'ending'), ('ending', 'ended'), ('preparation', 'cancelled'), ('early', 'cancelled'))))
);
--> statement-breakpoint
CREATE TABLE "group_numbers" (
	"institution_id" uuid NOT NULL,
	"year" integer NOT NULL,
	"last" integer NOT NULL,
	CONSTRAINT "group_numbers_pk" PRIMARY KEY("institution_id","year")
);
--> statement-breakpoint
CREATE TABLE "group_types" (
	"institution_id" uuid NOT NULL,
	"code" text NOT NULL,
	"title_en" text NOT NULL,
	"title_zh" text NOT NULL,
	"composition" jsonb NOT NULL,
	"min_members" integer NOT NULL,
	"max_members" integer NOT NULL,
	"roles" text[] NOT NULL,
	"active" boolean NOT NULL,
	"version" integer NOT NULL,
	CONSTRAINT "group_types_pk" PRIMARY KEY("institution_id","code"),
	CONSTRAINT "group_types_limits_in_order" CHECK (min_members between 1 and max_members and max_members <= 100)
);
--> statement-breakpoint
CREATE TABLE "groups" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"step" text NOT NULL,
	"step_since" integer NOT NULL,
	"version" integer NOT NULL,
	"writes" integer NOT NULL,
	"move_count" integer NOT NULL,
	"moved_by" uuid,
	"move_reason" text,
	"opened_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"data_key" "bytea",
	"number" text NOT NULL,
	"name" text NOT NULL,
	"type" text NOT NULL,
	"composition" jsonb NOT NULL,
	"min_members" integer NOT NULL,
	"max_members" integer NOT NULL,
	"roles" text[] NOT NULL,
	"org_unit_id" uuid NOT NULL,
	"leader_id" uuid NOT NULL,
	"member_count" integer NOT NULL,
	"item_count" integer NOT NULL,
	"ending_announced_at" text,
	"end_reason" text,
	"ended_at" timestamp with time zone,
	"draft_count" integer NOT NULL,
	CONSTRAINT "groups_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "groups_number" UNIQUE("institution_id","number"),
	CONSTRAINT "groups_step_known" CHECK (step in ('preparation', 'early', 'middle', 'late', 'ending', 'ended', 'cancelled')),
	CONSTRAINT "groups_limits_in_order" CHECK (min_members between 1 and max_members and max_members <= 100),
	CONSTRAINT "groups_draft_count_not_negative" CHECK (draft_count >= 0),
	CONSTRAINT "groups_ended_has_time" CHECK ((step in ('ended', 'cancelled')) = (ended_at is not null))
);
--> statement-breakpoint
CREATE TABLE "group_budget_lines" (
	"institution_id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"id" text NOT NULL,
	"record_id" uuid NOT NULL,
	"place" integer NOT NULL,
	"category" text NOT NULL,
	"planned_fen" integer NOT NULL,
	"approved_fen" integer,
	"approved_by" uuid,
	"spent_fen" integer DEFAULT 0 NOT NULL,
	"settled" boolean DEFAULT false NOT NULL,
	CONSTRAINT "group_budget_lines_pk" PRIMARY KEY("institution_id","group_id","id"),
	CONSTRAINT "group_budget_lines_category_known" CHECK (category in ('materials', 'leaders', 'venue', 'refreshments', 'transport', 'rewards', 'other')),
	CONSTRAINT "group_budget_lines_within" CHECK (planned_fen >= 0 and spent_fen >= 0 and spent_fen <= coalesce(approved_fen, 0) and coalesce(approved_fen, 0) <= planned_fen)
);
--> statement-breakpoint
CREATE TABLE "group_expenses" (
	"institution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"line_id" text NOT NULL,
	"amount_fen" integer NOT NULL,
	"on_day" date NOT NULL,
	"receipt_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"by_id" uuid NOT NULL,
	CONSTRAINT "group_expenses_pk" PRIMARY KEY("institution_id","id"),
	CONSTRAINT "group_expenses_positive" CHECK (amount_fen > 0)
);
--> statement-breakpoint
CREATE TABLE "group_goals" (
	"institution_id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"id" text NOT NULL,
	"record_id" uuid NOT NULL,
	"place" integer NOT NULL,
	"status" text NOT NULL,
	"weight" integer NOT NULL,
	"due_on" date NOT NULL,
	"attainment" integer,
	"attainment_version" integer DEFAULT 0 NOT NULL,
	"attainment_final" boolean DEFAULT false NOT NULL,
	CONSTRAINT "group_goals_pk" PRIMARY KEY("institution_id","group_id","id"),
	CONSTRAINT "group_goals_status_known" CHECK (status in ('open', 'settled'))
);
--> statement-breakpoint
CREATE TABLE "group_tasks" (
	"institution_id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"id" text NOT NULL,
	"record_id" uuid NOT NULL,
	"place" integer NOT NULL,
	"member_id" text,
	"status" text NOT NULL,
	"due_on" date NOT NULL,
	"settled_version" integer,
	CONSTRAINT "group_tasks_pk" PRIMARY KEY("institution_id","group_id","id"),
	CONSTRAINT "group_tasks_status_known" CHECK (status in ('open', 'done', 'dropped')),
	CONSTRAINT "group_tasks_settled_whole" CHECK ((status = 'open') = (settled_version is null))
);
--> statement-breakpoint
ALTER TABLE "group_members" ADD CONSTRAINT "group_members_group" FOREIGN KEY ("institution_id","group_id") REFERENCES "public"."groups"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_members" ADD CONSTRAINT "group_members_student" FOREIGN KEY ("institution_id","student_id") REFERENCES "public"."students"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_members" ADD CONSTRAINT "group_members_staff" FOREIGN KEY ("institution_id","staff_id") REFERENCES "public"."staff"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_open_items" ADD CONSTRAINT "group_open_items_group" FOREIGN KEY ("institution_id","group_id") REFERENCES "public"."groups"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_pairs" ADD CONSTRAINT "group_pairs_volunteer" FOREIGN KEY ("institution_id","group_id","volunteer_id") REFERENCES "public"."group_members"("institution_id","group_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_pairs" ADD CONSTRAINT "group_pairs_student" FOREIGN KEY ("institution_id","group_id","student_id") REFERENCES "public"."group_members"("institution_id","group_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_attachments" ADD CONSTRAINT "group_attachments_group" FOREIGN KEY ("institution_id","group_id") REFERENCES "public"."groups"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_records" ADD CONSTRAINT "group_records_group" FOREIGN KEY ("institution_id","group_id") REFERENCES "public"."groups"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_records" ADD CONSTRAINT "group_records_amends" FOREIGN KEY ("institution_id","amends_id") REFERENCES "public"."group_records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_records" ADD CONSTRAINT "group_records_adopted_from" FOREIGN KEY ("institution_id","adopted_from_id") REFERENCES "public"."group_records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_record_signatures" ADD CONSTRAINT "group_record_signatures_record" FOREIGN KEY ("institution_id","record_id") REFERENCES "public"."group_records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_record_signatures" ADD CONSTRAINT "group_record_signatures_attachment" FOREIGN KEY ("institution_id","group_id","attachment_id") REFERENCES "public"."group_attachments"("institution_id","group_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_waivers" ADD CONSTRAINT "group_waivers_group" FOREIGN KEY ("institution_id","group_id") REFERENCES "public"."groups"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_attendance" ADD CONSTRAINT "group_attendance_session" FOREIGN KEY ("institution_id","group_id","session_id") REFERENCES "public"."group_sessions"("institution_id","group_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_attendance" ADD CONSTRAINT "group_attendance_member" FOREIGN KEY ("institution_id","group_id","member_id") REFERENCES "public"."group_members"("institution_id","group_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_ratings" ADD CONSTRAINT "group_ratings_session" FOREIGN KEY ("institution_id","group_id","session_id") REFERENCES "public"."group_sessions"("institution_id","group_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_ratings" ADD CONSTRAINT "group_ratings_from" FOREIGN KEY ("institution_id","group_id","from_id") REFERENCES "public"."group_members"("institution_id","group_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_ratings" ADD CONSTRAINT "group_ratings_to" FOREIGN KEY ("institution_id","group_id","to_id") REFERENCES "public"."group_members"("institution_id","group_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_sessions" ADD CONSTRAINT "group_sessions_group" FOREIGN KEY ("institution_id","group_id") REFERENCES "public"."groups"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_sessions" ADD CONSTRAINT "group_sessions_plan" FOREIGN KEY ("institution_id","plan_id") REFERENCES "public"."group_records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_sessions" ADD CONSTRAINT "group_sessions_record" FOREIGN KEY ("institution_id","record_id") REFERENCES "public"."group_records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_co_leaders" ADD CONSTRAINT "group_co_leaders_group" FOREIGN KEY ("institution_id","group_id") REFERENCES "public"."groups"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_co_leaders" ADD CONSTRAINT "group_co_leaders_staff" FOREIGN KEY ("institution_id","staff_id") REFERENCES "public"."staff"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_moves" ADD CONSTRAINT "group_moves_subject" FOREIGN KEY ("institution_id","subject_id") REFERENCES "public"."groups"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "groups" ADD CONSTRAINT "groups_leader" FOREIGN KEY ("institution_id","leader_id") REFERENCES "public"."staff"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_budget_lines" ADD CONSTRAINT "group_budget_lines_group" FOREIGN KEY ("institution_id","group_id") REFERENCES "public"."groups"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_budget_lines" ADD CONSTRAINT "group_budget_lines_record" FOREIGN KEY ("institution_id","record_id") REFERENCES "public"."group_records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_expenses" ADD CONSTRAINT "group_expenses_line" FOREIGN KEY ("institution_id","group_id","line_id") REFERENCES "public"."group_budget_lines"("institution_id","group_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_expenses" ADD CONSTRAINT "group_expenses_receipt" FOREIGN KEY ("institution_id","group_id","receipt_id") REFERENCES "public"."group_attachments"("institution_id","group_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_goals" ADD CONSTRAINT "group_goals_group" FOREIGN KEY ("institution_id","group_id") REFERENCES "public"."groups"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_goals" ADD CONSTRAINT "group_goals_record" FOREIGN KEY ("institution_id","record_id") REFERENCES "public"."group_records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_tasks" ADD CONSTRAINT "group_tasks_group" FOREIGN KEY ("institution_id","group_id") REFERENCES "public"."groups"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_tasks" ADD CONSTRAINT "group_tasks_record" FOREIGN KEY ("institution_id","record_id") REFERENCES "public"."group_records"("institution_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_tasks" ADD CONSTRAINT "group_tasks_member" FOREIGN KEY ("institution_id","group_id","member_id") REFERENCES "public"."group_members"("institution_id","group_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "group_members_one_student" ON "group_members" USING btree ("institution_id","group_id","student_id") WHERE status <> 'left';--> statement-breakpoint
CREATE UNIQUE INDEX "group_members_one_staff" ON "group_members" USING btree ("institution_id","group_id","staff_id") WHERE status <> 'left';--> statement-breakpoint
CREATE INDEX "group_members_by_student" ON "group_members" USING btree ("institution_id","student_id","group_id");--> statement-breakpoint
CREATE INDEX "group_members_by_staff" ON "group_members" USING btree ("institution_id","staff_id","group_id");--> statement-breakpoint
CREATE UNIQUE INDEX "group_open_items_one" ON "group_open_items" USING btree ("institution_id","group_id","kind") WHERE resolution is null;--> statement-breakpoint
CREATE UNIQUE INDEX "group_pairs_one" ON "group_pairs" USING btree ("institution_id","group_id","volunteer_id","student_id") WHERE until_version is null;--> statement-breakpoint
CREATE INDEX "group_records_signed" ON "group_records" USING btree ("institution_id","group_id","kind","signed_version") WHERE status = 'signed';--> statement-breakpoint
CREATE INDEX "group_records_by_group" ON "group_records" USING btree ("institution_id","group_id","written_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "group_records_drafts" ON "group_records" USING btree ("institution_id","group_id") WHERE status = 'draft';--> statement-breakpoint
CREATE INDEX "group_waivers_by_group" ON "group_waivers" USING btree ("institution_id","group_id");--> statement-breakpoint
CREATE INDEX "group_sessions_by_day" ON "group_sessions" USING btree ("institution_id","group_id","on_day");--> statement-breakpoint
CREATE INDEX "group_co_leaders_by_staff" ON "group_co_leaders" USING btree ("institution_id","staff_id");--> statement-breakpoint
CREATE INDEX "groups_by_leader" ON "groups" USING btree ("institution_id","leader_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "groups_by_unit" ON "groups" USING btree ("institution_id","org_unit_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "group_expenses_by_line" ON "group_expenses" USING btree ("institution_id","group_id","line_id");