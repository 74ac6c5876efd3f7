import { STATUS_CODES } from 'node:http'
import { z } from 'zod'
import type { FieldFault, ProblemDefinition } from '../../kernel/problem.ts'
import type { Title } from '../../kernel/process.ts'
import { constraintProblems, Problem, type ProblemCode, problems } from '../../practice/problems.ts'
import { ConstraintRefused, DatabaseUnavailable } from '../database.ts'
import type { Language } from './route.ts'

/** Body of a problem answer, RFC 9457. */
export interface ProblemBody {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly code: ProblemCode
  readonly requestId: string
  readonly [member: string]: unknown
}

/** The language a client asks for; English unless Chinese is preferred. */
export const languageOf = (acceptLanguage: string | undefined): Language => {
  const wanted = (acceptLanguage ?? '')
    .slice(0, 200)
    .split(',')
    .map(part => {
      const [tag = '', quality] = part.trim().split(/;\s*q=/)
      return { tag: tag.toLowerCase().slice(0, 2), q: quality === undefined ? 1 : Number(quality) || 0 }
    })
    .sort((a, b) => b.q - a.q)
    .find(({ tag, q }) => q > 0 && (tag === 'zh' || tag === 'en'))
  return wanted?.tag === 'zh' ? 'zh' : 'en'
}

/** Words an answer holds in both languages, reduced to the one asked for. */
const spoken = (value: unknown, language: Language): unknown => {
  if (Array.isArray(value)) return value.map(item => spoken(item, language))
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value)
  if (entries.length === 2 && 'en' in value && 'zh' in value) return (value as Record<string, unknown>)[language]
  return Object.fromEntries(entries.map(([key, item]) => [key, spoken(item, language)]))
}

export const problemBody = (
  problem: Problem,
  about: { readonly instance: string; readonly requestId: string; readonly language: Language },
): ProblemBody => {
  const definition: ProblemDefinition = problems[problem.code]
  const members = spoken(problem.members, about.language) as Record<string, unknown>
  return {
    type: `/problems/${problem.code}`,
    title: definition.title[about.language],
    status: definition.status,
    detail: definition.detail[about.language],
    instance: about.instance,
    code: problem.code,
    requestId: about.requestId,
    ...members,
  }
}

/** Faults of a value against a schema as pointers and codes, without the value. */
export const faultsOf = ({ issues }: Pick<z.core.$ZodError, 'issues'>, prefix: string): FieldFault[] =>
  issues.slice(0, 50).flatMap(issue => {
    const pointer = `${prefix}${issue.path.map(part => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 100)}`).join('')}`
    if (issue.code === 'unrecognized_keys')
      return issue.keys
        .slice(0, 20)
        .map(key => ({ pointer: `${pointer}/${key.slice(0, 100)}`, code: 'unknown_member', detail: 'unknown member' }))
    // Of several shapes the one that was meant most likely: the one with the fewest faults.
    if (issue.code === 'invalid_union' && issue.errors.length > 0)
      return faultsOf(
        { issues: [...issue.errors].sort((a, b) => a.length - b.length)[0] as z.core.$ZodIssue[] },
        pointer,
      )
    return [{ pointer, code: issue.code, detail: issue.message.slice(0, 300) }]
  })

/** One fault, in the words of both languages where it is told to whoever asked. */
export interface SpokenFault extends Omit<FieldFault, 'detail'> {
  readonly detail: Title | string
}

/** zod's Chinese words, given to a single parse: no setting that requests would share. */
const chinese = z.locales.zhCN().localeError

const unknownMember: Title = { en: 'unknown member', zh: '未知成员' }

/** Faults of data a schema refused, in both languages. */
export const spokenFaults = (schema: z.ZodType, data: unknown, prefix: string): SpokenFault[] => {
  const [en, zh] = [schema.safeParse(data), schema.safeParse(data, { error: chinese })].map(result =>
    result.error ? faultsOf(result.error, prefix) : [],
  )
  return (en ?? []).map((fault, at) => {
    const detail = { en: fault.detail, zh: zh?.[at]?.detail ?? fault.detail }
    return { ...fault, detail: fault.code === 'unknown_member' ? unknownMember : detail }
  })
}

/** A schema refused part of a request. */
export class RequestInvalid extends Error {
  readonly faults: readonly SpokenFault[]
  constructor(faults: readonly SpokenFault[]) {
    super('invalid_request')
    this.faults = faults
  }
}

const frameworkCodes: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'bad_json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
  FST_ERR_BAD_URL: 'not_found',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
  FST_ERR_ROUTE_MISSING: 'not_found',
  FST_ERR_ASYNC_CONSTRAINT: 'not_found',
  HPE_HEADER_OVERFLOW: 'header_too_large',
}

const byStatus: Readonly<Record<number, ProblemCode>> = {
  400: 'invalid_request',
  404: 'not_found',
  408: 'request_timeout',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  431: 'header_too_large',
  503: 'service_unavailable',
}

/** Whatever was thrown, as a problem of the catalogue. Unknown faults become `internal_error`. */
export const asProblem = (error: unknown): Problem => {
  if (error instanceof Problem) return error
  if (error instanceof RequestInvalid) return new Problem('invalid_request', { errors: error.faults })
  if (error instanceof DatabaseUnavailable) return new Problem('service_unavailable', {}, { 'Retry-After': '1' })
  if (error instanceof ConstraintRefused) {
    const code = constraintProblems[error.constraint]
    return new Problem(code ?? 'internal_error')
  }
  const { code, statusCode } = error as { code?: string; statusCode?: number }
  const known = frameworkCodes[code ?? ''] ?? byStatus[statusCode ?? 0]
  if (known === 'invalid_request')
    return new Problem(known, {
      errors: [
        {
          pointer: '',
          code: 'malformed',
          detail: { en: STATUS_CODES[statusCode ?? 400] ?? 'malformed', zh: '格式有误' },
        },
      ],
    })
  if (known === 'service_unavailable') return new Problem(known, {}, { 'Retry-After': '1' })
  return new Problem(known ?? 'internal_error')
}
