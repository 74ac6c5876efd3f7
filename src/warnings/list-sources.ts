import { type AskedPage, newestOf, readPage } from '../people/page.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { sourceJson } from './sources.ts'

const list = newestOf('sources.list', {
  table: 'signal_sources',
  at: 'created_at',
  joins: 'cross join lateral (select x.*) s',
  item: sourceJson,
})

/** Sources of the institution, newest first: {@link readPage}. */
export const listSources = (deps: Deps, { caller }: Request, input: AskedPage['input']) =>
  readPage(deps, caller, list, { operation: 'listSignalSources', input, permission: 'sources:manage' })
