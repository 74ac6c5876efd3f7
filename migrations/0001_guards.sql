-- History of a case is kept by the database: the application says the new step, this writes the move and what follows
-- from it. Arguments: the step that remembers where it was entered from, the step from which contacts count, and the
-- last step.
create function cases_keep_history() returns trigger
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
    new.counts_as_open := new.beside_case_id is null;
    return new;
  end if;
  if new.version < old.version or new.writes < old.writes then
    raise exception using errcode = '23514', constraint = 'cases_version_only_rises', message = 'cases_version_only_rises';
  end if;
  if (new.institution_id, new.id, new.number, new.kind, new.student_id, new.opened_at, new.move_count, new.step_since)
       is distinct from (old.institution_id, old.id, old.number, old.kind, old.student_id, old.opened_at, old.move_count, old.step_since)
     or (new.came_from, new.came_from_since, new.tracking_since) is distinct from (old.came_from, old.came_from_since, old.tracking_since)
     or (new.reached, new.counts_as_open, new.beside_case_id) is distinct from (old.reached, old.counts_as_open, old.beside_case_id) then
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
    new.counts_as_open := new.beside_case_id is null and new.step <> remembers and new.step <> ended;
    if new.step = counted and old.tracking_since is null then
      new.tracking_since := new.version;
    end if;
  end if;
  return new;
end $$;
--> statement-breakpoint
create function cases_write_opening() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into case_moves (institution_id, case_id, n, from_step, to_step, came_from, version, at, by_id, reason)
  values (new.institution_id, new.id, 0, null, new.step, null, new.version, new.opened_at, new.moved_by, new.source);
  return null;
end $$;
--> statement-breakpoint
create trigger cases_keep_history before insert or update on cases
for each row execute function cases_keep_history('closure', 'tracking', 'closed');
--> statement-breakpoint
create trigger cases_write_opening after insert on cases
for each row execute function cases_write_opening();
--> statement-breakpoint
-- A signed record never changes; it can only be superseded.
create function records_keep_signed() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
  if old.status <> 'draft' and (
       (to_jsonb(new) - 'status') is distinct from (to_jsonb(old) - 'status')
       or (new.status <> old.status and not (old.status = 'signed' and new.status = 'superseded'))) then
    raise exception using errcode = '23514', constraint = 'records_signed_never_change', message = 'records_signed_never_change';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger records_keep_signed before update on records
for each row execute function records_keep_signed();
--> statement-breakpoint
-- An entry is written once; the sealer adds position and hash once.
create function journal_append_only() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
  if old.position is not null or new.position is null
     or (new.seq, new.institution_id, new.id, new.type, new.at, new.actor_id, new.case_id, new.subject_id, new.subject_version, new.read_hour, new.entry)
        is distinct from (old.seq, old.institution_id, old.id, old.type, old.at, old.actor_id, old.case_id, old.subject_id, old.subject_version, old.read_hour, old.entry) then
    raise exception using errcode = '23514', constraint = 'journal_append_only', message = 'journal_append_only';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger journal_append_only before update on journal
for each row execute function journal_append_only();
--> statement-breakpoint
-- Two-character pieces of a text: what Chinese names are searched by.
create function bigrams(words text) returns text[]
language sql immutable parallel safe set search_path = public, pg_temp as $$
  select coalesce(array_agg(distinct substr(lower(words), i, 2)), '{}')
  from generate_series(1, greatest(length(words) - 1, 0)) i
$$;
--> statement-breakpoint
create index students_name_bigrams on students using gin (bigrams(name || ' ' || coalesce(name_en, '')));
--> statement-breakpoint
-- Room on each page for the next version of a case: most moves touch no index then.
alter table cases set (fillfactor = 85);
