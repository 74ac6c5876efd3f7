import type { Tenant } from '../../platform/database.ts'
import type { Collection, RefKind } from '../collection.ts'
import type { Encoding } from './csv.ts'

/** Members a row gives; `key` is the id under which a full import would miss it. */
export interface Given {
  readonly key: string
  readonly given: Record<string, unknown>
  /** As {@link Feed.lends}, for this row. */
  readonly lends?: Readonly<Record<string, unknown>>
}

/** One row of an import file, read but not yet checked against the roster. */
export type FeedRow =
  | ({ readonly row: number } & Given)
  /** Told to be gone. */
  | { readonly row: number; readonly gone: string }
  /** Nothing of ours: another kind of user, a role we do not keep. */
  | { readonly row: number; readonly skipped: true }
  | { readonly row: number; readonly key?: string; readonly code: string; readonly detail: string }

/** The origin of what OneRoster packages bring; that of plain CSV is `csv:` and the name of the mapping. */
export const oneRoster = 'oneroster'

/** How the rows of one file come into one collection. */
export interface Feed {
  readonly file: string
  /** Who brings them: a full import misses only what it brought itself. */
  readonly origin: string
  readonly encoding: Encoding
  readonly collection: Collection
  /** The file holds all there is: who is missing has vanished. */
  readonly full: boolean
  /** What other files refer to it as. */
  readonly provides: RefKind | null
  /** Members a row may lack: what a new one gets then; undefined = a new one must have it. Known ones keep theirs. */
  readonly lends: Readonly<Record<string, unknown>>
  /** Today at the institution when the import was asked for. */
  readonly today: string
  /** Rows from the beginning, in the same order every time. */
  readonly rows: () => AsyncIterable<FeedRow>
  /** Completes members from the roster, a batch at a time. */
  readonly complete?: (tenant: Tenant, rows: readonly { readonly given: Record<string, unknown> }[]) => Promise<void>
}
