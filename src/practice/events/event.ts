import type { Title } from '../../kernel/process.ts'

/** One type of journal entry: what it is about, its words, the members of its `data`. */
export const event = (subject: string, en: string, zh: string, data: readonly string[] = []) => ({
  subject,
  title: { en, zh } satisfies Title,
  data,
})
