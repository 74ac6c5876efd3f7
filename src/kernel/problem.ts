import type { Title } from './process.ts'

/** One entry of the problem catalogue: HTTP status and the words of title and detail. */
export interface ProblemDefinition {
  readonly status: number
  readonly title: Title
  readonly detail: Title
  /** Names of the extension members an answer with this code may carry. */
  readonly members?: readonly string[]
}

/** One fault of an input: where (JSON pointer), what (code) and in words. Never holds the value. */
export interface FieldFault {
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

/** Thrown by commands; the HTTP layer turns it into `application/problem+json`. Carries no personal data. */
export class Problem<C extends string = string> extends Error {
  readonly code: C
  readonly members: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>
  constructor(
    code: C,
    members: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(code)
    this.name = 'Problem'
    this.code = code
    this.members = members
    this.headers = headers
  }
}
