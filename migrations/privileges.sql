-- What the application may do. Run at every start, so that a restored dump has them too.
do $$ begin
  create role bangfu_app nologin;
exception when duplicate_object or unique_violation then null;
end $$;
do $$ begin
  execute format('grant bangfu_app to %I', current_user);
end $$;
grant usage on schema public to bangfu_app;
revoke all on all tables in schema public from bangfu_app;
grant select on all tables in schema public to bangfu_app;
grant insert, update on institutions, journal_heads, clients, org_units, staff, students, contacts, terms, courses, results,
  sections, enrolments, assessments, import_mappings, operations, uploads,
  cases, case_numbers, records, goals, actions, consents, case_holds, case_workers, transfers, referrals, access_grants,
  sandbox_clock, crises, crisis_responders, crisis_measures, crisis_decisions,
  signal_sources, signal_usage, signals, alerts, alert_notices, alert_objections, warning_settings,
  warning_rules,
  groups, group_numbers, group_types, group_co_leaders, group_members, group_pairs, group_open_items, group_records,
  group_sessions, group_goals, group_tasks, group_budget_lines to bangfu_app;
grant insert on journal, idempotency_keys, identities, record_signatures, waivers, attachments, vault, referral_answers,
  crisis_told, crisis_minutes, crisis_notices, crisis_exemptions, crisis_debriefs,
  signal_keys, signal_history, alert_told, alert_dispositions, warning_rule_versions, upload_chunks,
  group_record_signatures, group_attachments, group_waivers, group_attendance, group_ratings, group_expenses to bangfu_app;
grant insert, update, delete on staff_roles, org_ancestors to bangfu_app;
grant update (position, hash) on journal to bangfu_app;
grant delete on idempotency_keys, identities, group_budget_lines, results, operations, uploads, upload_chunks to bangfu_app;
grant update (data_key) on signal_keys to bangfu_app;
grant update (due_on) on waivers to bangfu_app;
grant insert, update on journal_followers to bangfu_app;
grant update (open) on alert_told to bangfu_app;
grant update (flagged_at) on alert_dispositions to bangfu_app;
grant usage on schema drizzle to bangfu_app;
grant select on drizzle.__drizzle_migrations to bangfu_app;
grant execute on function analyse_roster(text) to bangfu_app;
