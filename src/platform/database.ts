/**
 * The one door to the database. `as(institution)` binds the institution as `$1` of every statement, so no statement of
 * a slice can be asked without naming a tenant; `system` is for what spans tenants: sealing, verification, start-up.
 */
export interface Door {
  as(institution: string): Tenant
  readonly system: Queries
}

/** The database itself: a door, transactions, life and end. */
export interface Database extends Door {
  readonly kind: 'postgres' | 'embedded'
  /** Runs `work` in one transaction: commands that are given its door succeed or fail together. */
  transaction<T>(work: (tx: Door) => Promise<T>): Promise<T>
  /** @throws {@link DatabaseUnavailable} */
  ping(): Promise<void>
  close(): Promise<void>
}

/** A named statement: its name is its prepared name; `R` is the row it promises. */
export interface Statement<R> {
  readonly name: string
  readonly text: string
  readonly row?: R
}

/** Named statements; parameters are text, numbers, booleans, null or bytes, never objects. */
export interface Queries {
  rows<R>(statement: Statement<R>, ...params: readonly Param[]): Promise<R[]>
}

/** One institution's view of the database: `$1` is the institution, the parameters given begin at `$2`. */
export interface Tenant extends Queries {
  readonly institution: string
}

export type Param = string | number | boolean | null | Uint8Array

/** The database does not answer; the caller may try again. Holds no statement, parameter or row. */
export class DatabaseUnavailable extends Error {
  /** SQLSTATE or the system's code; '' where there is none. */
  readonly code: string
  constructor(code = '') {
    super('database unavailable')
    this.name = 'DatabaseUnavailable'
    this.code = code
  }
}

/** A constraint refused a change. `constraint` is its name; no row or parameter is held. */
export class ConstraintRefused extends Error {
  readonly constraint: string
  readonly sqlState: string
  constructor(constraint: string, sqlState: string) {
    super(`refused by ${constraint}`)
    this.name = 'ConstraintRefused'
    this.constraint = constraint
    this.sqlState = sqlState
  }
}

/** A statement failed for a reason of its own; only the state and the statement's name are kept. */
export class StatementFailed extends Error {
  readonly sqlState: string
  readonly statement: string
  constructor(statement: string, sqlState: string, reason: string) {
    super(`statement ${statement} failed: ${sqlState} ${reason}`)
    this.name = 'StatementFailed'
    this.sqlState = sqlState
    this.statement = statement
  }
}

const statements = new Map<string, string>()

/** Declares a statement of one institution; `$1` must be the institution. Names are unique. */
export const tenantStatement = <R>(name: string, text: string): Statement<R> => {
  if (!text.includes('$1')) throw new Error(`statement ${name} does not name its institution`)
  return systemStatement(name, text)
}

/** Declares a statement that spans institutions. */
export const systemStatement = <R>(name: string, text: string): Statement<R> => {
  const known = statements.get(name)
  if (known !== undefined && known !== text) throw new Error(`two statements are named ${name}`)
  statements.set(name, text)
  return { name, text }
}

/** Every declared statement by name: for tests and benches. */
export const declaredStatements = (): ReadonlyMap<string, string> => statements

const safeInteger = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error('an integer beyond 2^53 came from the database')
  return value
}

const bytesOfHex = (text: string): Uint8Array => Buffer.from(text.slice(2), 'hex')

/** One table of result types for both drivers, by type oid; what is not listed stays text. */
export const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  16: text => text === 't' || text === 'true',
  17: bytesOfHex,
  20: safeInteger,
  21: Number,
  23: Number,
  114: JSON.parse,
  701: Number,
  3802: JSON.parse,
}

const keptAsText = [25, 1043, 1082, 1114, 1184, 1186, 1700, 2950]

/** {@link parsers} with the text types spelled out, for a driver that would otherwise convert them. */
export const allParsers: Record<number, (text: string) => unknown> = {
  ...parsers,
  ...Object.fromEntries(keptAsText.map(oid => [oid, (text: string) => text])),
}

const gone = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '08000',
  '08003',
  '08006',
  '25P03',
  '57014',
  '55P03',
  '40001',
  '40P01',
])

/** A driver's error without what it knows of rows and parameters. */
export const withoutRow = (error: unknown, statement: string): Error => {
  const fault = error as { code?: string; constraint?: string; message?: string; severity?: string }
  const code = fault.code ?? ''
  // FATAL and PANIC end the connection, whatever the reason: shutdown, no database, no more connections.
  if (
    fault.severity === 'FATAL' ||
    fault.severity === 'PANIC' ||
    gone.has(code) ||
    (code === '' && /terminated|timeout|closed|ended|not queryable/i.test(fault.message ?? ''))
  )
    return new DatabaseUnavailable(code)
  if (fault.constraint) return new ConstraintRefused(fault.constraint, code)
  const reason = code === '42501' ? 'permission denied' : code.startsWith('42') ? (fault.message ?? '') : ''
  return new StatementFailed(statement, code || 'unknown', code === '' ? ((error as Error).name ?? '') : reason)
}

/**
 * Runs `work` in one transaction: a new one, or that of the door it is given. A command that is part of another one's
 * transaction is given its door.
 */
export const together = <T>(door: Door, work: (tx: Door) => Promise<T>): Promise<T> =>
  'transaction' in door ? (door as Database).transaction(work) : work(door)
