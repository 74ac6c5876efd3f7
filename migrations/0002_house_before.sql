-- A case counts as the open one of its student and kind by its step alone: a successor is exempt only for as long as its
-- predecessor is in closure or closed, which the predecessor's own step says.
create or replace function cases_keep_history() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  remembers constant text := tg_argv[0];
  counted constant text := tg_argv[1];
  ended constant text := tg_argv[2];
begin
  if tg_op = 'INSERT' then
    new.move_count := 0;
    new.step_since := new.version;
    new.came_from := null;
    new.came_from_since := null;
    new.tracking_since := null;
    new.reached := array[new.step];
    new.counts_as_open := new.step <> remembers and new.step <> ended;
    return new;
  end if;
  if new.version < old.version or new.writes < old.writes then
    raise exception using errcode = '23514', constraint = 'cases_version_only_rises', message = 'cases_version_only_rises';
  end if;
  if (new.institution_id, new.id, new.number, new.kind, new.student_id, new.opened_at, new.move_count, new.step_since)
       is distinct from (old.institution_id, old.id, old.number, old.kind, old.student_id, old.opened_at, old.move_count, old.step_since)
     or (new.came_from, new.came_from_since, new.tracking_since) is distinct from (old.came_from, old.came_from_since, old.tracking_since)
     or (new.reached, new.counts_as_open) is distinct from (old.reached, old.counts_as_open) then
    raise exception using errcode = '23514', constraint = 'cases_history_is_kept', message = 'cases_history_is_kept';
  end if;
  if new.step is distinct from old.step then
    if new.version = old.version then
      raise exception using errcode = '23514', constraint = 'cases_version_only_rises', message = 'cases_version_only_rises';
    end if;
    new.move_count := old.move_count + 1;
    insert into case_moves (institution_id, case_id, n, from_step, to_step, came_from, version, at, by_id, reason)
    values (new.institution_id, new.id, new.move_count, old.step, new.step, old.came_from, new.version, new.updated_at, new.moved_by, new.move_reason);
    if new.step = remembers then
      new.came_from := old.step;
      new.came_from_since := old.step_since;
      new.step_since := new.version;
    elsif old.step = remembers and new.step = old.came_from then
      new.step_since := old.came_from_since;
      new.came_from := null;
      new.came_from_since := null;
    else
      new.step_since := new.version;
    end if;
    if new.step <> all (old.reached) then
      new.reached := old.reached || new.step;
    end if;
    new.counts_as_open := new.step <> remembers and new.step <> ended;
    if new.step = counted and old.tracking_since is null then
      new.tracking_since := new.version;
    end if;
  end if;
  return new;
end $$;
--> statement-breakpoint
-- Stored rows follow. Where two are open already, the older counts and the other stays out until it next moves: to
-- closure it may go, anywhere else it is refused.
alter table cases disable trigger cases_keep_history;
--> statement-breakpoint
update cases c set counts_as_open = true
where not c.counts_as_open and c.step not in ('closure', 'closed') and not exists (
  select from cases o where o.institution_id = c.institution_id and o.student_id = c.student_id and o.kind = c.kind and o.id <> c.id
    and (o.counts_as_open or (o.step not in ('closure', 'closed') and (o.opened_at, o.id) < (c.opened_at, c.id))));
--> statement-breakpoint
alter table cases enable trigger cases_keep_history;
--> statement-breakpoint
-- A part in a case may have ended at once, never before it began.
update case_workers set valid_until = valid_from where valid_until < valid_from;
--> statement-breakpoint
-- Evidence that points to no attachment of the case points to nothing.
update record_signatures s set attachment_id = null where s.attachment_id is not null and not exists (
  select from attachments a where a.institution_id = s.institution_id and a.case_id = s.case_id and a.id = s.attachment_id);
