import type { Test } from 'tap'
import { edgeBetween, type Process, stepsOf } from '../../src/kernel/process.ts'
import type { Service, Told } from './service.ts'

/** A guarded subject as stored, standing in a step. */
export interface Standing {
  readonly id: string
  readonly table: string
  readonly moves: string
  /** Column of the moves that names the subject. */
  readonly key: string
  readonly from: string
  /** Where the remembering step was entered from; left out where the process remembers none. */
  readonly origin?: string | null
  /** Asks the API whether it may move. */
  readonly ask: (to: string) => Promise<Told>
  /** Further columns a step sets, as SQL. */
  readonly columns: (step: string) => string
}

/** Asks the API and the database for every step from where a subject stands: both must agree with the definition. */
export const everyStepAgrees = async (t: Test, service: Service, process: Process, it: Standing): Promise<void> => {
  const { id, table, moves, key, from, origin = null } = it
  for (const to of stepsOf(process)) {
    const edge = edgeBetween(process, from, to)
    const reachable = edge !== undefined && (!edge.back || edge.to === origin)
    const asked = await it.ask(to)
    t.equal(asked.body?.code === 'step_not_reachable', !reachable, `API: ${from} to ${to}`)
    if (!reachable) t.equal(asked.status, 409)
    const stored = await service
      .asApplication(
        `update ${table} set step = '${to}', version = version + 1, writes = writes + 1${it.columns(to)} where id = '${id}' and step <> '${to}' returning id`,
      )
      .then(
        found => (found.length > 0 ? 'stored' : 'same'),
        (refusal: { constraint?: string }) => refusal.constraint,
      )
    const kept = `${moves}_${edge ? 'returns_to_origin' : 'edge_allowed'}`
    t.equal(stored, from === to ? 'same' : reachable ? 'stored' : kept, `database: ${from} to ${to}`)
    if (stored !== 'stored') continue
    const remembered = process.remembers ? `, came_from = ${origin === null ? 'null' : `'${origin}'`}` : ''
    await service.asOwner(
      `alter table ${table} disable trigger ${table}_keep_history; delete from ${moves} where ${key} = '${id}' and n = (select max(n) from ${moves} where ${key} = '${id}');
       update ${table} set step = '${from}', move_count = move_count - 1${remembered}${it.columns(from)} where id = '${id}';
       alter table ${table} enable trigger ${table}_keep_history`,
    )
  }
}
