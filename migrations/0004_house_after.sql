-- History of a guarded subject (alert, crisis, group) is kept by the database: the application says the new step, this
-- writes the move and what follows from it. Argument: the table of moves, whose constraints know the process.
create function subject_keep_history() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    new.move_count := 0;
    new.step_since := new.version;
    return new;
  end if;
  if new.version < old.version or new.writes < old.writes then
    raise exception using errcode = '23514', constraint = 'subject_version_only_rises', message = 'subject_version_only_rises';
  end if;
  if (new.institution_id, new.id, new.opened_at, new.move_count, new.step_since)
       is distinct from (old.institution_id, old.id, old.opened_at, old.move_count, old.step_since) then
    raise exception using errcode = '23514', constraint = 'subject_history_is_kept', message = 'subject_history_is_kept';
  end if;
  if new.step is distinct from old.step then
    if new.version = old.version then
      raise exception using errcode = '23514', constraint = 'subject_version_only_rises', message = 'subject_version_only_rises';
    end if;
    new.move_count := old.move_count + 1;
    new.step_since := new.version;
    execute format('insert into %I (institution_id, subject_id, n, from_step, to_step, version, at, by_id, reason) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)', tg_argv[0])
      using new.institution_id, new.id, new.move_count, old.step, new.step, new.version, new.updated_at, new.moved_by, new.move_reason;
  end if;
  return new;
end $$;
--> statement-breakpoint
create function subject_write_opening() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  execute format('insert into %I (institution_id, subject_id, n, from_step, to_step, version, at, by_id, reason) values ($1, $2, 0, null, $3, $4, $5, $6, $7)', tg_argv[0])
    using new.institution_id, new.id, new.step, new.version, new.opened_at, new.moved_by, new.move_reason;
  return null;
end $$;
--> statement-breakpoint
create trigger alerts_keep_history before insert or update on alerts
for each row execute function subject_keep_history('alert_moves');
--> statement-breakpoint
create trigger alerts_write_opening after insert on alerts
for each row execute function subject_write_opening('alert_moves');
--> statement-breakpoint
alter table alerts set (fillfactor = 85);

--> statement-breakpoint
-- What cases written before these columns are flagged for: the newest agreement, and deferrals whose record is not on
-- file. A check of the plan counts as settled once a plan was signed since.
update cases c set agreement_until = (select (r.content->>'validUntil')::date from records r
  where r.institution_id = c.institution_id and r.case_id = c.id and r.kind = 'service_agreement' and r.status = 'signed'
  order by r.signed_version desc limit 1),
deferral_due_on = (select min(w.due_on) from waivers w
  where w.institution_id = c.institution_id and w.case_id = c.id and w.mode = 'deferred'
    and not exists (select from waivers o where o.institution_id = w.institution_id and o.case_id = w.case_id
      and o.need = w.need and o.version > w.version)
    and not exists (select from records r where r.institution_id = w.institution_id and r.case_id = w.case_id and r.status = 'signed'
      and (r.kind = w.need or (w.need in ('goals_graded', 'feasibility_reviewed') and r.kind = 'plan' and r.signed_version > w.version))));
--> statement-breakpoint
create trigger crises_keep_history before insert or update on crises
for each row execute function subject_keep_history('crisis_moves');
--> statement-breakpoint
create trigger crises_write_opening after insert on crises
for each row execute function subject_write_opening('crisis_moves');
--> statement-breakpoint
alter table crises set (fillfactor = 85);
