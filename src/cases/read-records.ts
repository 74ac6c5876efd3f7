import { callerJson, callerParams, type KnownCaller, knownCaller, requirePermission } from '../people/actor.ts'
import { relationsJson } from '../people/guarded.ts'
import { type Statement, tenantStatement } from '../platform/database.ts'
import { entryText } from '../platform/journal.ts'
import { openBytes } from '../platform/words.ts'
import { allowsRelation, type PermissionName, seeing } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { recordKinds } from '../practice/record-kinds.ts'
import { oneCaseCtes, worksOnCase } from './access.ts'
import type { CaseDeps, Request } from './change.ts'
import { type Scored, scoredCte, scoredData, scoredJson, scoresRead } from './named-records.ts'
import { signaturePlace, wholeContent } from './record-content.ts'
import { headerWith } from './record-header.ts'

/** Names of the kinds for which something holds, as SQL. */
const kindsWhere = (holds: (kind: (typeof recordKinds)[string]) => boolean) =>
  Object.values(recordKinds)
    .filter(holds)
    .map(kind => `'${kind.kind}'`)
    .join(', ')

const openedToStudents = kindsWhere(kind => kind.studentReads !== 'nothing')
const signedByStudents = kindsWhere(kind => kind.signers.includes('student'))

/** Whether `r` is the student's to see: what they wrote, are asked to sign, or what signed work opens to them. */
const studentsOwn = `(r.author_id = (select person_id from me)
  or (r.status <> 'discarded' and r.kind in (${signedByStudents}))
  or (r.status in ('signed', 'superseded') and r.kind in (${openedToStudents})))`

/** Whether a reader may see record `r`: those who work on the case all, the student what is theirs. */
const readable = `(${worksOnCase} or (exists (select from rel where relation = 'student') and ${studentsOwn}))`

/** Who reads and how they stand to the case, as reading statements find it. */
export interface Access {
  readonly caller: KnownCaller
  readonly relations: readonly string[]
}

/** Who reads, checked. @throws Problem not_found, not_permitted */
export const requireReader = (request: Request, found: Access, permission: PermissionName): KnownCaller => {
  const caller = knownCaller(request.caller, found.caller)
  requirePermission(request.caller, caller, permission)
  if (allowsRelation(permission, found.relations)) return caller
  throw new Problem(
    found.relations.some(relation => seeing.includes(relation as 'owner')) ? 'not_permitted' : 'not_found',
  )
}

/** Parameters: 1–4 caller, 5 case, 6 kind, 7 status, 8 limit, 9 and 10 cursor (written_at, id). */
const listStatement = tenantStatement<Access & { items: string; count: number; last: [string, string] | null }>(
  'records.list',
  `with ${oneCaseCtes},
v as materialized (select r.* from records r join c on c.id = r.case_id where r.institution_id = $1::uuid and ${readable}
  and ($6::text is null or r.kind = $6::text) and (r.status = $7::text or ($7::text is null and r.status <> 'discarded'))
  and ($9::timestamptz is null or (r.written_at, r.id) < ($9::timestamptz, $10::uuid))
  order by r.written_at desc, r.id desc limit $8::int + 1),
r as materialized (select * from v order by written_at desc, id desc limit $8::int)
select ${callerJson} as caller, ${relationsJson} as relations, (select count(*)::int from v) as count,
  (select json_build_array(written_at::text, id) from r order by written_at, id limit 1) as last,
  (select coalesce(json_agg(json_build_object(${headerWith('')}) order by r.written_at desc, r.id desc), '[]')::text from r) as items`,
)

/** Headers of a case's records, newest first; no content. One round trip. */
export const listRecords = async (
  { db, ambient }: CaseDeps,
  request: Request,
  input: {
    caseId: string
    kind?: string | undefined
    status?: string | undefined
    limit: number
    after: readonly unknown[] | null
  },
) => {
  const [row] = await db
    .as(request.caller.institution)
    .rows(
      listStatement,
      ...callerParams(request.caller, ambient.now()),
      input.caseId,
      input.kind ?? null,
      input.status ?? null,
      input.limit,
      (input.after?.[0] as string | undefined) ?? null,
      (input.after?.[1] as string | undefined) ?? null,
    )
  const found = row as Access & { items: string; count: number; last: [string, string] | null }
  requireReader(request, found, 'record:read')
  return { items: found.items, more: found.count > input.limit, last: found.last }
}

/** Stands for the reader in an entry the reading statement writes itself. */
const readerId = '00000000-0000-0000-0000-000000000000'
/** Stands for what else is read with it. */
const nothingElse = '"data":{"scoresOf":[]},'

/**
 * A statement that reads one confidential thing `x` of case `c` and writes the reading in the journal: once per actor,
 * thing and hour. Parameters: 1–4 caller, 5 case, 6 thing, 7 entry text, 8 entry id, 9 hour, 10 relations that may read.
 * `data` is an SQL text: the data member of the entry with its comma.
 */
export const readingStatement = <X>(
  name: string,
  ctes: string,
  thing: string,
  data = "''",
): Statement<Access & { thing: X | null; dataKey: string | null }> =>
  tenantStatement(
    name,
    `with ${oneCaseCtes},
${ctes},
told as (insert into journal (institution_id, id, type, at, actor_id, case_id, subject_id, read_hour, entry)
  select $1::uuid, $8::uuid, 'record.read', $4::timestamptz, me.person_id, c.id, x.id, $9::text,
    replace(replace(replace($7::text, '${nothingElse}', ${data}), '${readerId}', me.person_id::text), '"kind":"service"', '"kind":"' || case when me.staff_id is null then 'student' else 'staff' end || '"')
  from x cross join c cross join me where exists (select from rel where relation = any (array(select json_array_elements_text($10::json))))
  on conflict (institution_id, actor_id, subject_id, read_hour) where read_hour is not null do nothing)
select ${callerJson} as caller, ${relationsJson} as relations, (select encode(c.data_key, 'base64') from c) as "dataKey",
  (select ${thing} from x) as thing`,
  )

/** Runs a reading statement. @throws Problem not_found, not_permitted */
export const readThing = async <X>(
  { db, ambient }: CaseDeps,
  request: Request,
  statement: Statement<Access & { thing: X | null; dataKey: string | null }>,
  input: { caseId: string; id: string; subject: string; permission: PermissionName; relations: readonly string[] },
) => {
  const { institution } = request.caller
  const at = ambient.now().toISOString()
  const id = ambient.newId()
  const text = entryText({
    id,
    type: 'record.read',
    at,
    institution,
    actor: { kind: 'service', id: readerId },
    subject: { kind: input.subject, id: input.id, version: null },
    caseId: input.caseId,
    request: request.requestId,
    data: { scoresOf: [] },
    ...(request.accessReason ? { reason: request.accessReason } : {}),
  })
  const [row] = await db
    .as(institution)
    .rows(
      statement,
      ...callerParams(request.caller, ambient.now()),
      input.caseId,
      input.id,
      text,
      id,
      at.slice(0, 13),
      JSON.stringify(input.relations),
    )
  const found = row as Access & { thing: X | null; dataKey: string | null }
  const caller = requireReader(request, found, input.permission)
  if (found.thing === null) throw new Problem('not_found')
  return { thing: found.thing, dataKey: found.dataKey, caller, relations: found.relations }
}

interface SignatureRead {
  readonly party: string
  /** Words of evidence, base64; null = none. */
  readonly sealed: string | null
}

interface RecordRead {
  readonly id: string
  readonly kind: string
  readonly authorId: string
  readonly content: Record<string, unknown>
  readonly sealed: string | null
  readonly version: number
  readonly status: string
  readonly signatures: readonly SignatureRead[]
  readonly scored: readonly Scored[]
}

const sealedEvidence = ", 'sealed', encode(g.sealed, 'base64')"

const oneStatement = readingStatement<RecordRead>(
  'records.read',
  `x as materialized (select r.* from records r join c on c.id = r.case_id where r.institution_id = $1::uuid and r.id = $6::uuid
    and ${readable}),
${scoredCte}`,
  `(select json_build_object(${headerWith(sealedEvidence)}, 'content', r.content, 'sealed', encode(r.sealed, 'base64'), 'scored', ${scoredJson}) from x r)`,
  scoredData,
)

const readers = ['owner', 'co_worker', 'line_manager', 'practice_supervisor', 'break_glass', 'student'] as const

/**
 * One record with its content, as far as the reader may see it; the reading is journalled by the same statement.
 * @throws Problem not_found, key_is_erased
 */
export const readRecord = async (deps: CaseDeps, request: Request, caseId: string, recordId: string) => {
  const input = { caseId, id: recordId, subject: 'record', permission: 'record:read', relations: readers } as const
  const { thing, dataKey, caller, relations } = await readThing(deps, request, oneStatement, input)
  const { sealed: _, scored, ...record } = thing
  const about = { institution: request.caller.institution, caseId, dataKey }
  const scores = scored.map(response => scoresRead(response, wholeContent(deps, about, response)))
  const content = wholeContent(deps, about, thing)
  const works = relations.some(relation => relation !== 'student')
  return {
    ...record,
    signatures: record.signatures.map(({ sealed, ...signature }) => ({
      ...signature,
      evidence: works && sealed ? evidenceOf(deps, about, recordId, signature.party, sealed) : null,
    })),
    caseId,
    ...(scores.length > 0 ? { scores } : {}),
    content: works || thing.authorId === caller.id ? content : forStudent(thing.kind, thing.status, content),
  }
}

/** Words of evidence in the clear. @throws Problem key_is_erased */
const evidenceOf = (
  deps: CaseDeps,
  about: { readonly institution: string; readonly caseId: string; readonly dataKey: string | null },
  recordId: string,
  party: string,
  sealed: string,
): string => {
  const place = signaturePlace(about.institution, about.caseId, recordId, party)
  return openBytes(deps.ambient, place, about.dataKey, sealed).toString('utf8')
}

/** What the student reads of a record: all they are asked to sign, else what its kind opens. */
const forStudent = (kindName: string, status: string, content: Record<string, unknown>): Record<string, unknown> => {
  const kind = recordKinds[kindName]
  if (!kind) return {}
  const { studentReads } = kind
  if (studentReads === 'whole' || (status === 'draft' && kind.signers.includes('student'))) return content
  if (studentReads === 'nothing') return {}
  return Object.fromEntries(Object.entries(content).filter(([field]) => studentReads.includes(field)))
}
