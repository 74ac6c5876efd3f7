import { z } from 'zod'
import type { Title } from '../kernel/process.ts'
import type { CaseEffects } from './case-effects.ts'
import type { EventType } from './events.ts'
import type { CaseFacts } from './facts.ts'
import type { GroupEffects } from './group-effects.ts'
import type { GroupFacts } from './group-facts.ts'

/** Where in its subject's life a record may be written: any open step, the listed steps, after `closed`, or ever. */
export type WritableIn = 'open' | 'after_closed' | 'always' | readonly string[]

/** A fault found when a record is signed; `pointer` is into `/content`. */
export interface SigningFault {
  readonly pointer: string
  readonly code: string
  readonly detail: Title
}

/** Days a record of work is signed within: longer, and memory writes it. Source: domain §2, late entries are marked. */
export const signedWithinDays = 7

/** A signed record that another names. */
export interface NamedRecord {
  readonly id: string
  readonly kind: string
  /** Instrument and its version, of an instrument response. */
  readonly instrument: string | null
  readonly version: number | null
}

/** What the kinds of a subject look at, effect, and who signs them. */
interface Subjects {
  /** `worker` = owner or co-worker, `guardian` only while the student is under 18. */
  readonly case: {
    readonly facts: CaseFacts
    readonly effects: CaseEffects
    readonly party: 'worker' | 'student' | 'guardian' | 'line_manager'
  }
  /** `worker` = leader or co-leader; `member` = the member a kind `about: 'member'` is about. */
  readonly group: {
    readonly facts: GroupFacts
    readonly effects: GroupEffects
    readonly party: 'worker' | 'member' | 'line_manager'
  }
}

/** The guarded subjects that have records. */
export type SubjectKind = keyof Subjects

/**
 * One form of the profession. `content` marks its confidential fields with {@link confidential}; everything else is
 * stored queryable. `example(today)` can be signed as it stands in the steps named, on a subject whose other records are
 * examples too (a waiver: while what it defers is not on file).
 */
// biome-ignore lint/suspicious/noExplicitAny: kinds of different contents and subjects stand in one catalogue
export interface RecordKind<C = any, F = any, E = any, P extends string = string> {
  readonly kind: string
  /** The subject whose file it belongs in. */
  readonly of: SubjectKind
  readonly title: Title
  /** Seed paragraph or standard the form rests on. */
  readonly source: string
  /** Parties that write it, and whose signatures put it in force. */
  readonly writers: readonly P[]
  readonly signers: readonly P[]
  /** Who signs for the house must be the owner: a co-worker does not do. */
  readonly ownerSigns?: true
  readonly writableIn: WritableIn
  /** `one`: a newly signed record supersedes the one before; `many`: each stands, corrected by addenda. */
  readonly cardinality: 'one' | 'many'
  /** What the student reads: everything, nothing, or these top-level fields (own writing is always readable). */
  readonly studentReads: 'whole' | 'nothing' | readonly string[]
  /** Its `memberId` names the member of a group it is about: no other member reads of it. */
  readonly about?: 'member'
  /**
   * The author's own words: nobody writes, records a signature or discards it for them, and until it is signed nobody else
   * reads of it, nor does it keep the subject from being closed.
   */
  readonly ownTokenOnly?: true
  /** Only those who work on the subject read it: neither line manager nor supervisor. */
  readonly workersOnly?: true
  /** The operation that writes it, with all that belongs to it: it is not drafted by itself. */
  readonly writtenBy?: string
  readonly content: z.ZodType<C>
  readonly example: (today: string) => Readonly<Record<string, unknown>>
  /** Fills what the service computes (scores), before the content is stored. Pure. */
  readonly derive?: (content: C) => C
  /** Days after the day it is about (`on`) within which it is signed; later it is marked late. */
  readonly lateAfterDays?: number
  /** Checks at every signature; `named` are the signed records of the subject that the content names, `time` is `HH:MM`. Pure. */
  readonly check?: (content: C, facts: F, today: string, named: readonly NamedRecord[], time: string) => SigningFault[]
  readonly effects?: (content: C, facts: F) => E
  /** The journal entry of the last signature, where it says more than that a record was signed. */
  readonly entry?: (content: C) => { readonly type: EventType; readonly data: Readonly<Record<string, unknown>> }
  /** May be adopted by a successor as a draft to confirm or renew. */
  readonly adoptable?: true
}

/** Keeps the types of a record kind: its content is that of its schema, facts, effects and parties those of its subject. */
export const defineRecord = <S extends z.ZodType, O extends SubjectKind>(
  kind: Omit<
    RecordKind<z.output<S>, Subjects[O]['facts'], Subjects[O]['effects'], Subjects[O]['party']>,
    'content' | 'of'
  > & { readonly of: O; readonly content: S },
): RecordKind<z.output<S>, Subjects[O]['facts'], Subjects[O]['effects'], Subjects[O]['party']> =>
  kind as unknown as RecordKind<z.output<S>, Subjects[O]['facts'], Subjects[O]['effects'], Subjects[O]['party']>

/** Marks a schema's value as confidential: it is stored only encrypted. */
export const confidential = <T extends z.ZodType>(schema: T): T => schema.meta({ confidential: true }) as T

/** Free text, confidential. `max` in UTF-16 code units. */
export const words = (max: number) => confidential(z.string().trim().min(1).max(max))

/** Free text that may stand in the clear; `reason` says why. */
export const publicWords = (max: number, reason: string) => z.string().trim().min(1).max(max).meta({ public: reason })

/** A calendar date `YYYY-MM-DD`. */
export const day = () => z.iso.date()

/** An id of a goal or action, chosen by the writer, unique in the case: `g1`, `a2`. */
export const localId = () =>
  z
    .string()
    .max(16)
    .regex(/^[a-z][a-z0-9_]{0,15}$/)
    .meta({ public: 'a reference, not words' })

/** `YYYY-MM-DD` so many days after another. */
export const daysAfter = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)

/** Days from one `YYYY-MM-DD` to another; negative when it lies before. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000)

/** A section whose answer may be "not yet known" or "not applicable", each with a reason. */
export const section = <T extends z.ZodType>(known: T) =>
  z.discriminatedUnion('answer', [
    z.strictObject({ answer: z.literal('known').describe('It is known'), value: known.describe('What is known') }),
    z.strictObject({
      answer: z.enum(['not_yet_known', 'not_applicable']).describe('It is not, or does not apply'),
      reason: words(500).describe('Why not'),
    }),
  ])

type Path = readonly string[]

const isMarked = (schema: unknown): boolean => (schema as { confidential?: boolean }).confidential === true

const pathsOf = (schema: unknown, defs: Readonly<Record<string, unknown>>, at: Path, found: Path[]): Path[] => {
  const node = schema as Record<string, unknown>
  if (node.confidential === true) return [...found, at]
  const children: [Path, unknown][] = [
    ...Object.entries((node.properties ?? {}) as Record<string, unknown>).map(([name, child]): [Path, unknown] => [
      [...at, name],
      child,
    ]),
    ...(node.items ? [[isMarked(node.items) ? at : [...at, '*'], node.items] as [Path, unknown]] : []),
    ...[...((node.anyOf ?? []) as unknown[]), ...((node.oneOf ?? []) as unknown[])].map((child): [Path, unknown] => [
      at,
      child,
    ]),
    ...(typeof node.$ref === 'string' ? [[at, defs[node.$ref.split('/').at(-1) ?? '']] as [Path, unknown]] : []),
  ]
  return children.reduce((paths, [path, child]) => pathsOf(child, defs, path, paths), found)
}

/** Paths of the confidential fields of a schema; `*` stands for every array item. */
export const confidentialPaths = (schema: z.ZodType): Path[] => {
  const json = z.toJSONSchema(schema, { io: 'output' }) as Record<string, unknown>
  const paths = pathsOf(json, (json.$defs ?? {}) as Record<string, unknown>, [], [])
  return [...new Map(paths.map(path => [path.join('/'), path])).values()]
}

const move = (from: unknown, to: Record<string, unknown>, path: Path, pointer: string): void => {
  const [head, ...rest] = path
  if (head === undefined || from === null || typeof from !== 'object') return
  if (head === '*') {
    for (const [index, item] of (from as unknown[]).entries()) move(item, to, rest, `${pointer}/${index}`)
    return
  }
  const holder = from as Record<string, unknown>
  if (!(head in holder)) return
  if (rest.length > 0) {
    move(holder[head], to, rest, `${pointer}/${head}`)
    return
  }
  to[`${pointer}/${head}`] = holder[head]
  delete holder[head]
}

/** Content in two parts: `open` is stored queryable, `secret` (JSON pointer → value) only encrypted. */
export interface SplitContent {
  readonly open: Record<string, unknown>
  readonly secret: Record<string, unknown>
}

/** Takes the confidential fields out of a content. Pure. */
export const splitContent = (content: unknown, paths: readonly Path[]): SplitContent => {
  const open = structuredClone(content) as Record<string, unknown>
  const secret: Record<string, unknown> = {}
  for (const path of paths) move(open, secret, path, '')
  return { open, secret }
}

/** Puts a content together again. Pure; the inverse of {@link splitContent}. */
export const joinContent = ({ open, secret }: SplitContent): Record<string, unknown> => {
  const content = structuredClone(open)
  for (const [pointer, value] of Object.entries(secret)) {
    const path = pointer.split('/').slice(1)
    let holder = content as Record<string, unknown>
    for (const segment of path.slice(0, -1)) holder = holder[segment] as Record<string, unknown>
    holder[path.at(-1) as string] = value
  }
  return content
}
