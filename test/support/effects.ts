import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'

interface Answer {
  readonly status: number
  readonly replayed: boolean
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers
  readonly body: any
}

type Kind = 'draft' | 'signature' | 'move'

/** A write that was asked for, with its key; `told` once it was acknowledged. */
interface Asked {
  readonly kind: Kind
  readonly path: string
  readonly body: object
  readonly version: number | null
  readonly key: string
  told: Answer | null
}

/** What the case shows of the writes. */
interface Effects {
  /** Ids of addenda by their text. */
  readonly drafts: ReadonlyMap<string, readonly string[]>
  /** Addenda with a signature. */
  readonly signed: ReadonlySet<string>
  /** Entries of the timeline by type. */
  readonly entries: Readonly<Record<string, readonly { readonly recordId: string; readonly version: number }[]>>
}

const before = '补充 '

/** Writers on one case that go on until the service dies, and remember what they were told. */
export const writersOn = (caseId: string, token: string) => {
  const asked: Asked[] = []
  let base = ''
  const send = async (method: string, path: string, headers: Record<string, string> = {}, body?: object) => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    const replayed = response.headers.get('idempotent-replayed') === 'true'
    return { status: response.status, replayed, body: await response.json() } as Answer
  }
  const ask = (what: Asked) =>
    send(
      'POST',
      what.path,
      { 'idempotency-key': what.key, ...(what.version === null ? {} : { 'if-match': `"${what.version}"` }) },
      what.body,
    )
  const write = async (kind: Kind, path: string, bodyOf: (key: string) => object, version: number | null) => {
    const key = randomUUID()
    const what: Asked = { kind, path: `/v1/cases/${caseId}${path}`, body: bodyOf(key), version, key, told: null }
    asked.push(what)
    const answer = await ask(what)
    // A refusal had no effect; only what was done is acknowledged.
    if (answer.status === 201) what.told = answer
    return answer
  }
  const drafting = async (): Promise<void> => {
    const textOf = (key: string) => ({ kind: 'addendum', content: { text: `${before}${key}` } })
    const { status, body } = await write('draft', '/records', textOf, null)
    if (status === 201) await write('signature', `/records/${body.id}/signatures`, () => ({ party: 'worker' }), 1)
  }
  let open = ''
  const moving = async (): Promise<void> => {
    const { status, body } = await send('GET', `/v1/cases/${caseId}`)
    if (status !== 200) return
    if (body.step !== 'closure') open = body.step
    const to = body.step === 'closure' ? { to: open, note: '撤回结案' } : { to: 'closure', reason: 'declined' }
    // Signatures raise the version all the time: the refusal tells the one to try next.
    for (let version = body.version; version !== undefined; ) {
      const answer = await write('move', '/transitions', () => to, version)
      version = answer.status === 412 ? answer.body.version : undefined
    }
  }
  const pages = async <T>(path: string): Promise<T[]> => {
    const items: T[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const at: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''
      const page: Answer = await send('GET', `/v1/cases/${caseId}${path}${at}`)
      items.push(...page.body.items)
      cursor = page.body.next
    }
    return items
  }
  const effects = async (): Promise<Effects> => {
    const drafts = new Map<string, string[]>()
    const signed = new Set<string>()
    for (const { id, status } of await pages<{ id: string; status: string }>('/records?kind=addendum&limit=200')) {
      const { text } = (await send('GET', `/v1/cases/${caseId}/records/${id}`)).body.content
      if (!text.startsWith(before)) continue
      drafts.set(text, [...(drafts.get(text) ?? []), id])
      if (status === 'signed') signed.add(id)
    }
    const entries: Record<string, { recordId: string; version: number }[]> = {}
    const timeline = await pages<{
      entry: { type: string; subject: { id: string; version: number }; data?: { recordId?: string } }
    }>('/timeline?limit=200')
    for (const { entry } of timeline)
      entries[entry.type] = [
        ...(entries[entry.type] ?? []),
        { recordId: entry.data?.recordId ?? entry.subject.id, version: entry.subject.version },
      ]
    return { drafts, signed, entries }
  }
  return {
    asked,
    at: (url: string) => {
      base = url
    },
    /** Writes until the service is gone: three write and sign, one moves. */
    work: () =>
      Promise.allSettled(
        [drafting, drafting, drafting, moving].map(async one => {
          for (;;) await one()
        }),
      ),
    ask,
    effects,
  }
}

type Writers = ReturnType<typeof writersOn>

const of = (writers: Writers, kind: Kind) => writers.asked.filter(each => each.kind === kind)
const done = (writers: Writers, kind: Kind) => of(writers, kind).filter(each => each.told !== null)

const textOf = (what: Asked) => (what.body as { content: { text: string } }).content.text

/** Every acknowledged write is there once, every other once or not at all, and nothing else is. */
export const eachOnce = async (t: Test, writers: Writers, movesBefore: number): Promise<Effects> => {
  const effects = await writers.effects()
  const drafts = of(writers, 'draft')
  for (const draft of drafts) {
    const ids = effects.drafts.get(textOf(draft)) ?? []
    if (draft.told) t.same(ids, [draft.told.body.id], `${draft.key} is there once, under the id told`)
    else t.ok(ids.length <= 1, `${draft.key}, not acknowledged, is there ${ids.length} times`)
  }
  const known = new Set(drafts.map(textOf))
  t.same(
    [...effects.drafts.keys()].filter(text => !known.has(text)),
    [],
    'no text nobody wrote',
  )
  const { 'case.moved': moved = [], 'record.drafted': drafted = [], 'record.signed': signed = [] } = effects.entries
  const ours = new Set([...effects.drafts.values()].flat())
  t.equal(drafted.filter(entry => ours.has(entry.recordId)).length, ours.size, 'one entry a draft')
  const signedIds = signed.filter(entry => ours.has(entry.recordId)).map(entry => entry.recordId)
  t.same([...signedIds].sort(), [...effects.signed].sort(), 'one entry a signature')
  for (const { told, path } of done(writers, 'signature'))
    t.ok(effects.signed.has(path.split('/')[5] as string), `${told?.body.caseVersion}: what was signed is signed`)
  const versions = moved.map(entry => entry.version)
  t.equal(new Set(versions).size, versions.length, 'no move twice')
  for (const { told } of done(writers, 'move')) t.ok(versions.includes(told?.body.caseVersion), 'a move told is there')
  const [least, most] = [done(writers, 'move').length, of(writers, 'move').length]
  t.ok(versions.length - movesBefore >= least && versions.length - movesBefore <= most, `${least} ≤ moves ≤ ${most}`)
  return effects
}

/** Asks every key again: what was acknowledged is told as before, and nothing is done twice. */
export const askedAgain = async (t: Test, writers: Writers, first: Effects): Promise<void> => {
  for (const what of writers.asked) {
    const answer = await writers.ask(what)
    if (what.told) {
      t.ok(answer.status === 201 && answer.replayed, `${what.kind} ${what.key} is replayed: ${answer.status}`)
      t.same(answer.body, what.told.body, `${what.kind} ${what.key} is told as before`)
    } else if (what.kind === 'draft') t.equal(answer.status, 201, `${what.key}: ${answer.status}`)
    else t.ok([201, 409, 412].includes(answer.status), `${what.kind} ${what.key}: ${answer.status}`)
  }
  const { drafts } = await writers.effects()
  const ids = [...drafts.values()].flat()
  t.equal(ids.length, of(writers, 'draft').length, 'as many drafts as keys')
  for (const [text, known] of first.drafts) t.same(drafts.get(text), known, 'none of them anew')
}
