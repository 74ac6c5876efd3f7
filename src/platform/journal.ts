import { canonicalJson } from '../kernel/signature.ts'

/** Who did it: a person of the roster, a machine client, a signal source by its signature, or the service itself. */
export interface Actor {
  readonly kind: 'staff' | 'student' | 'client' | 'source' | 'service'
  readonly id: string | null
}

/** One change, as it is hashed and told. Codes, ids, numbers and dates only; never free text. */
export interface Entry {
  readonly id: string
  /** `noun.past_tense` */
  readonly type: string
  /** RFC 3339 UTC */
  readonly at: string
  readonly institution: string
  readonly actor: Actor
  /** Party another recorded the act for, e.g. `student`. */
  readonly onBehalfOf?: string
  readonly subject: { readonly kind: string; readonly id: string; readonly version: number | null }
  readonly caseId: string | null
  /** Case version after the change, where the subject is part of a case. */
  readonly caseVersion?: number
  readonly reason?: string
  readonly request: string
  /** Names of changed fields. */
  readonly fields?: readonly string[]
  /** Further codes, ids and numbers; `wordsId` names words in the vault. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** The canonical JSON text of an entry: what is stored, hashed and told. */
export const entryText = (entry: Entry): string => canonicalJson(entry)

/**
 * The hour a reading (`noun.read`) is told for, `YYYY-MM-DDTHH`; null for a change. Readings are told once per actor, subject
 * and hour, and stand in no feed.
 */
export const readHour = ({ type, at }: Pick<Entry, 'type' | 'at'>): string | null =>
  type.endsWith('.read') ? at.slice(0, 13) : null

/** End of an insert into the journal: a reading told for this hour already is not told again. */
export const onceAnHour =
  'on conflict (institution_id, actor_id, subject_id, read_hour) where read_hour is not null do nothing'

/**
 * Columns of one journal row as JSON, for `jsonb_to_record(set)` in a data-modifying statement:
 * `id uuid, type text, at timestamptz, actor_id uuid, case_id uuid, subject_id uuid, subject_version int, read_hour text, entry text`.
 */
export const entryRow = (entry: Entry) => ({
  id: entry.id,
  type: entry.type,
  at: entry.at,
  actor_id: entry.actor.id,
  case_id: entry.caseId,
  subject_id: entry.subject.id,
  subject_version: entry.subject.version,
  read_hour: readHour(entry),
  entry: entryText(entry),
})

/** Column list of {@link entryRow} as a record definition. */
export const entryColumns =
  'id uuid, type text, at timestamptz, actor_id uuid, case_id uuid, subject_id uuid, subject_version int, read_hour text, entry text'

/** `insert into journal …` from a jsonb array of {@link entryRow}s found at an SQL expression; `$1` is the institution. */
export const insertEntries = (rows: string, guard = 'true'): string => `
  insert into journal (institution_id, id, type, at, actor_id, case_id, subject_id, subject_version, read_hour, entry)
  select $1::uuid, j.id, j.type, j.at, j.actor_id, j.case_id, j.subject_id, j.subject_version, j.read_hour, j.entry
  from jsonb_to_recordset(${rows}) j(${entryColumns}) where ${guard}
  ${onceAnHour}`
