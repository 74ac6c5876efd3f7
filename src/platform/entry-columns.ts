/** A journal row as it is stored; times in UTC with microseconds. */
export interface StoredEntry {
  readonly id: string
  /** As text: a forged one may be any. */
  readonly position: string
  readonly hash: string
  readonly entry: string
  readonly type: string
  readonly at: string | null
  readonly actorId: string | null
  readonly caseId: string | null
  readonly subjectId: string
  readonly subjectVersion: number | null
  readonly institution: string
}

interface Told {
  readonly id?: unknown
  readonly type?: unknown
  readonly at?: unknown
  readonly institution?: unknown
  readonly actor?: { readonly id?: unknown } | null
  readonly caseId?: unknown
  readonly subject?: { readonly id?: unknown; readonly version?: unknown } | null
}

/** Whether the columns of a journal row say what its entry says. An entry that cannot be read agrees with none. */
export const columnsAgree = (row: StoredEntry): boolean => {
  let told: Told | null
  try {
    told = JSON.parse(row.entry) as Told | null
  } catch {
    return false
  }
  return (
    told?.id === row.id &&
    told.type === row.type &&
    typeof told.at === 'string' &&
    told.at.replace(/Z$/, '000') === row.at &&
    told.institution === row.institution &&
    (told.actor?.id ?? null) === row.actorId &&
    (told.caseId ?? null) === row.caseId &&
    told.subject?.id === row.subjectId &&
    (told.subject.version ?? null) === row.subjectVersion
  )
}
