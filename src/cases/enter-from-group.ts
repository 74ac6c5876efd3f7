import type { Entry } from '../platform/journal.ts'
import { rowsOf } from '../platform/sql.ts'
import type { Attendance, GroupPhase } from '../practice/group-codes.ts'
import { groupEntry } from '../practice/records/group-entry.ts'

/** The open case of a member of a group, as far as an entry looks at it. */
export interface MemberCase {
  readonly memberId: string
  readonly id: string
  readonly version: number
  readonly step: string
}

/** JSON array of the {@link MemberCase}s of the members of group `c`: one a student, the newest not closed. */
export const memberCasesJson = `(select coalesce(json_agg(json_build_object('memberId', m.id, 'id', k.id, 'version', k.version, 'step', k.step)), '[]')
  from c join group_members m on m.institution_id = $1::uuid and m.group_id = c.id and m.student_id is not null
  cross join lateral (select x.id, x.version, x.step from cases x where x.institution_id = $1::uuid and x.student_id = m.student_id
    and x.closed_at is null order by x.opened_at desc, x.id desc limit 1) k)`

const rows = rowsOf('caseEntries', '"caseId" uuid, "caseVersion" int, step text, "recordId" uuid, content jsonb', 'y')

/** Holds the cases that are told and compares their versions, in one order for all: `first` of a subject statement. */
export const casesHeld = {
  ctes: `held_cases as materialized (select x.id from given cross join ${rows}
  join cases x on x.institution_id = $1::uuid and x.id = y."caseId" and x.version = y."caseVersion" and x.closed_at is null
  order by x.id for update of x)`,
  holds: "(select count(*) from held_cases) = jsonb_array_length(given.e->'caseEntries')",
}

/** CTEs that write the entries `caseEntries` into their cases, signed by who writes them. */
export const caseEntriesPut = `cases_told as (update cases x set version = x.version + 1, writes = x.writes + 1, updated_at = (given.e->>'at')::timestamptz
  from given cross join c cross join ${rows} where x.institution_id = $1::uuid and x.id = y."caseId"),
case_records as (insert into records (institution_id, id, case_id, kind, status, version, content, author_id, written_at, step, signed_at, signed_version)
  select $1::uuid, y."recordId", y."caseId", '${groupEntry.kind}', 'signed', 1, y.content, $2::uuid, (given.e->>'at')::timestamptz, y.step,
    (given.e->>'at')::timestamptz, y."caseVersion" + 1 from given cross join c cross join ${rows}),
case_signatures as (insert into record_signatures (institution_id, record_id, case_id, party, method, person_id, at, record_version)
  select $1::uuid, y."recordId", y."caseId", 'worker', 'own_token', $2::uuid, (given.e->>'at')::timestamptz, 1
  from given cross join c cross join ${rows})`

/** What a session tells the case of one member. */
export interface GroupEntry {
  readonly groupId: string
  readonly sessionId: string
  readonly phase: GroupPhase
  readonly on: string
  readonly attendance: Attendance
  readonly noteRecordId: string | null
}

/** The row of an entry into a case, and its journal entry. Pure. */
export const caseEntryOf = (
  told: Pick<Entry, 'at' | 'institution' | 'actor' | 'request'>,
  newId: () => string,
  { id: caseId, version, step }: MemberCase,
  content: GroupEntry,
) => {
  const recordId = newId()
  const { groupId, sessionId, attendance } = content
  const entry: Entry = {
    ...told,
    id: newId(),
    type: 'case.group_entry_received',
    subject: { kind: 'case', id: caseId, version: version + 1 },
    caseId,
    caseVersion: version + 1,
    data: { recordId, groupId, sessionId, attendance },
  }
  return { row: { caseId, caseVersion: version, step, recordId, content }, entry }
}
