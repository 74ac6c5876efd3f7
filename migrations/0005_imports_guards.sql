-- Lets the application have a table of the roster counted by the planner after it has grown: imports grow tables faster
-- than autovacuum looks at them, and the embedded database has none.
create function analyse_roster(name text) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if name not in ('org_units', 'staff', 'staff_roles', 'students', 'identities', 'terms', 'courses', 'sections', 'enrolments', 'assessments', 'results') then
    raise exception using errcode = '22023', message = 'not a table of the roster';
  end if;
  execute format('analyze %I', name);
end $$;
--> statement-breakpoint
revoke all on function analyse_roster(text) from public;
