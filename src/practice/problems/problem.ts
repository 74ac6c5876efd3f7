import type { ProblemDefinition } from '../../kernel/problem.ts'
import type { MemberName } from './members.ts'

/** One entry of the catalogue: status, title and detail in both languages, names of extension members. */
export const problem = (
  status: number,
  en: string,
  zh: string,
  detailEn: string,
  detailZh: string,
  members: readonly MemberName[] = [],
): ProblemDefinition => ({
  status,
  title: { en, zh },
  detail: { en: detailEn, zh: detailZh },
  ...(members.length > 0 ? { members } : {}),
})
