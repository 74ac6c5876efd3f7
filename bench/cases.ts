import { once } from 'node:events'
import { fill } from './fill.ts'
import { rate, startService } from './load.ts'
import { books, lister, mover, moveScript, reset, statement } from './moves.ts'
import { inlined, pgbench } from './pgbench.ts'
import { median, ratio, show } from './show.ts'
import { measureStart } from './start.ts'
import { clients, institution, inWorld, seconds, type World, warmSeconds } from './world.ts'

const rounds = Number(process.env.BENCH_ROUNDS ?? 5)

const withService = async (
  { url, client }: World,
  sealing: boolean,
  work: (base: string) => (client: number) => () => Promise<void>,
): Promise<{ readonly warming: readonly number[]; readonly warm: number }> => {
  await reset(client)
  const { child, base } = await startService(url, sealing)
  const warming: number[] = []
  for (let second = 0; second < warmSeconds; second++) warming.push(await rate(1, work(base)))
  const warm = await rate(seconds, work(base))
  child.kill('SIGTERM')
  await once(child, 'exit')
  await books(client)
  return { warming, warm }
}

const listText = () =>
  inlined(statement('cases.list_open'), [
    institution,
    'bangfu',
    'owner',
    new Date().toISOString(),
    50,
    ...Array<null>(8).fill(null),
  ])

/** One round: every arm once, one after another, so that all meet the same machine. */
const round = async (world: World) => {
  const options = { clients, seconds, prepared: true }
  const bare = async (name: string, script: string) => {
    await reset(world.client)
    return pgbench(world.url, world.folder, name, script, options)
  }
  const { warming, warm: on } = await withService(world, true, mover)
  return {
    warming,
    on,
    bare: 2 * (await bare('move', moveScript())),
    off: (await withService(world, false, mover)).warm,
    lists: (await withService(world, true, lister)).warm,
    bareLists: await bare('list', listText()),
  }
}

type Round = Awaited<ReturnType<typeof round>>
type Arm = Exclude<keyof Round, 'warming'>

/** Moves, lists and start-up. @returns whether every floor is kept */
export const benchCases = (): Promise<boolean> =>
  inWorld('cases', async world => {
    await fill(world.client)
    const found: Round[] = []
    for (let n = 0; n < rounds; n++) found.push(await round(world))
    const of = (arm: Arm) => `${median(found.map(each => each[arm])).toFixed(0)} a second`
    const second = (at: number) => median(found.map(each => each.warming[at] as number)).toFixed(0)
    show('moves, second by second after a start', Array.from({ length: warmSeconds }, (_, at) => second(at)).join(' '))
    show('moves, everything on', of('on'))
    show('moves, sealer off', of('off'))
    show('moves, its own statements in pgbench', of('bare'))
    show('pages of 50 open cases', of('lists'))
    show('pages, its own statement in pgbench', of('bareLists'))
    const kept = [
      ratio(
        'G1 moves ÷ own statements',
        0.5,
        found.map(each => each.on / each.bare),
      ),
      ratio(
        'G3 sealer on ÷ off',
        0.8,
        found.map(each => each.on / each.off),
      ),
      ratio(
        'G4 pages ÷ own statement',
        0.25,
        found.map(each => each.lists / each.bareLists),
      ),
    ]
    for (const [what, text] of await measureStart(world)) show(what, text)
    return kept.every(Boolean)
  })
