import { isStorable } from './json.ts'
import { RequestInvalid } from './problems.ts'

/** Reads a form as strictly as JSON: no field twice, no NUL, no lone surrogate. @throws RequestInvalid */
export const readForm = (text: string): Record<string, string> => {
  const fields = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text)) {
    const pointer = `/${name.slice(0, 100)}`
    if (fields.has(name))
      throw new RequestInvalid([{ pointer, code: 'repeated', detail: { en: 'given twice', zh: '重复给出' } }])
    fields.set(name, value)
  }
  const form = Object.fromEntries(fields)
  if (!isStorable(form)) throw unstorable('')
  return form
}

/** Text that cannot be stored stands in this part of a request. */
export const unstorable = (pointer: string): RequestInvalid =>
  new RequestInvalid([
    { pointer, code: 'unstorable', detail: { en: 'NUL or half a surrogate pair', zh: '含NUL或不成对的代理字符' } },
  ])
