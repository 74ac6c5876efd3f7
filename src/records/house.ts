import type { z } from 'zod'
import type { Guarded, Loaded } from '../people/guarded.ts'
import type { EventType } from '../practice/events.ts'
import type { PermissionName } from '../practice/permissions.ts'
import type { RecordKind } from '../practice/record-kind.ts'

/** A record as the load statements find it, for those who write and sign it. */
export interface StoredRecord {
  readonly id: string
  readonly kind: string
  readonly status: string
  readonly version: number
  readonly content: Record<string, unknown>
  /** base64 */
  readonly sealed: string | null
  readonly authorId: string
  readonly amendsId: string | null
  /** Parties that signed the present version, with the person who signed by own token. */
  readonly signatures: readonly { readonly party: string; readonly personId: string | null }[]
}

/** A record all parties signed: its whole content and what it effects. */
export type InForce<E> = E & { readonly content: Record<string, unknown> }

/** What a signature does beside signing, in the same statement. */
export interface SignatureEffects<F, E> {
  /** Further columns of the subject's row, and CTEs over `given` and `c`, as those of `subjectStatement`. */
  readonly set: string
  readonly ctes: string
  /** What they read; `complete` = the record it puts in force, else null. */
  readonly rows: (
    newId: () => string,
    facts: F,
    record: StoredRecord,
    complete: InForce<E> | null,
    today: string,
  ) => Readonly<Record<string, unknown>>
}

/** What is read together with a record and told in its member `member`. */
export interface ReadBeside {
  /** CTEs over the record `x` being read and `c`, and a JSON array of their rows: id, content, sealed. */
  readonly ctes: string
  readonly json: string
  /** SQL text: the data member of the entry of the reading, with its comma. */
  readonly data: string
  readonly member: string
  readonly schema: z.ZodType
  /** One of the rows as it is told, from its whole content. */
  readonly told: (id: string, content: Record<string, unknown>) => unknown
}

/**
 * All that differs between the records of one guarded subject and another's. Drafting, replacing, discarding, signing,
 * amending, reading, listing and attaching are the same for all, and are given one of these.
 * `F` = facts of the subject, `E` = effects of its kinds.
 */
// biome-ignore lint/suspicious/noExplicitAny: houses of different subjects pass the same commands
export interface House<F = any, E = any> extends Guarded {
  /** Prefix of its operations and schemas in OpenAPI, none for cases; and its tag there. */
  readonly prefix: string
  readonly tag: string
  /** Its tables; the column that names the subject is `case_id` for `case`. */
  readonly tables: { readonly records: string; readonly signatures: string; readonly attachments: string }
  readonly kinds: Readonly<Record<string, RecordKind>>
  /** Steps it goes through. */
  readonly steps: readonly string[]
  /** The kind workers correct signed records by; its content is `{ text }`, as that of every addendum. */
  readonly addendum: RecordKind
  /** By what kinds those who write other kinds than the workers correct these. */
  readonly ownAddenda?: readonly RecordKind[]
  readonly permissions: Readonly<Record<'read' | 'write' | 'sign' | 'attach' | 'readAttachment', PermissionName>>
  readonly events: Readonly<
    Record<'drafted' | 'replaced' | 'discarded' | 'amended' | 'signed' | 'attached', EventType>
  > & {
    /** Entries of kinds that have their own when they come in force. */
    readonly ownOfKinds: readonly EventType[]
  }
  /** Whether the caller is a party: as a writer, who may have no record yet, or as who signs one by own token. */
  readonly parties: Readonly<
    Record<string, (found: Loaded<F>, record: Pick<StoredRecord, 'content'> | null) => boolean>
  >
  /**
   * Kinds the caller has a draft of open, of which they may not open another; null = they may open as many as they like,
   * as everybody does where this is left out.
   */
  readonly oneDraft?: (found: Loaded<F>) => readonly string[] | null
  /** The party of those who work on the subject, who record the signatures of others; and the relation that leads them. */
  readonly worker: string
  readonly lead: string
  /** Parties that others may sign for, with evidence. */
  readonly recorded: readonly string[]
  /** The parties whose signatures put a record in force. */
  readonly expected: (signers: readonly string[], facts: F, today: string) => string[]
  /** Who may discard a draft they do not write, and that in words. */
  readonly clearing: { readonly may: (found: Loaded<F>) => boolean; readonly words: string }
  /** Whether the caller is the line manager who decides, whose signature alone is one as `line_manager`: SQL over `c`, `me`. */
  readonly decides: string
  /**
   * Relations of those who read only what is opened to them, and the party they sign as; `whole` = kinds that whoever may
   * see them reads whole.
   */
  readonly outsiders: {
    readonly relations: readonly string[]
    readonly party: string
    readonly whole?: readonly string[]
  }
  /** Whether the caller may see record `r`: SQL over `c`, `me`, `rel`. */
  readonly readable: string
  /** JSON array of the signed records that draft `$7` names, as `NamedRecord`s: SQL over `c`. */
  readonly named: string
  /** The signed record `$7` a draft may be adopted from, as {@link Adopted}: SQL over `c`. Left out = nothing is adopted. */
  readonly adopted?: string
  readonly beside?: ReadBeside
  readonly signature: SignatureEffects<F, E>
  /** A step, and a kind that worker and the first of `recorded` sign: for the examples of OpenAPI. */
  readonly example: { readonly step: string; readonly kind: string }
}

/** A record of a predecessor that may be adopted. */
export interface Adopted {
  readonly kind: string
  readonly status: string
  readonly content: Record<string, unknown>
  /** The predecessor. */
  readonly subjectId: string
  readonly sealed: string | null
  readonly dataKey: string | null
}
