import type { Service, Told } from './service.ts'

/** Opens a case for a student as its owner. */
export const givenCase = async (service: Service, studentId: string, account = 'owner'): Promise<string> => {
  const opened = await service.call(account, 'POST', '/v1/cases', { studentId, source: 'outreach' })
  if (opened.status !== 201) throw new Error(`openCase: ${opened.text}`)
  return opened.body.caseId as string
}

/** The version of a case, as its owner reads it. */
export const versionOf = async (service: Service, caseId: string): Promise<number> =>
  (await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body.version

/** Example content of a kind, from the API. */
export const exampleOf = async (service: Service, kind: string): Promise<Record<string, unknown>> =>
  (await service.call('owner', 'GET', `/v1/record-kinds/${kind}`)).body.example

/** Writes a draft; content is the kind's example with changes laid over. */
export const givenDraft = async (
  service: Service,
  caseId: string,
  kind: string,
  overlay: Record<string, unknown> = {},
  account = 'owner',
): Promise<Told> =>
  service.call(account, 'POST', `/v1/cases/${caseId}/records`, {
    kind,
    content: { ...(await exampleOf(service, kind)), ...overlay },
  })

/** Signs a record as a party. */
export const sign = (
  service: Service,
  account: string,
  caseId: string,
  recordId: string,
  body: Record<string, unknown>,
  version = 1,
  headers: Record<string, string> = {},
): Promise<Told> =>
  service.call(account, 'POST', `/v1/cases/${caseId}/records/${recordId}/signatures`, body, {
    'if-match': `"${version}"`,
    ...headers,
  })

/** Writes the example of a kind and signs it for every party. @returns its id */
export const givenRecord = async (
  service: Service,
  caseId: string,
  kind: string,
  overlay: Record<string, unknown> = {},
): Promise<string> => {
  const { signers, writers } = (await service.call('owner', 'GET', `/v1/record-kinds/${kind}`)).body
  const account = writers.includes('line_manager') ? 'lineManager' : 'owner'
  const draft = await givenDraft(service, caseId, kind, overlay, account)
  if (draft.status !== 201) throw new Error(`draft ${kind}: ${draft.text}`)
  for (const party of signers as string[]) {
    if (party === 'guardian') continue
    const recorded = { party, method: 'oral', evidence: { words: '面谈中口头确认。' } }
    const signed = await sign(service, account, caseId, draft.body.id, party === 'student' ? recorded : { party })
    if (signed.status !== 201) throw new Error(`sign ${kind}: ${signed.text}`)
  }
  return draft.body.id
}

/** Asks for a move with the version the case has. */
export const move = async (
  service: Service,
  caseId: string,
  body: Record<string, unknown>,
  options: { account?: string; version?: number; dryRun?: boolean; key?: string } = {},
): Promise<Told> =>
  service.call(
    options.account ?? 'owner',
    'POST',
    `/v1/cases/${caseId}/transitions${options.dryRun ? '?dryRun=true' : ''}`,
    body,
    {
      'if-match': `"${options.version ?? (await versionOf(service, caseId))}"`,
      ...(options.key ? { 'idempotency-key': options.key } : {}),
    },
  )

interface Requirement {
  readonly need?: string
  readonly met: boolean
  readonly records: readonly string[]
  readonly where?: Readonly<Record<string, readonly string[]>>
}

/** Files whatever one edge still asks for, knowing only what the API says. */
export const earn = async (
  service: Service,
  caseId: string,
  to: string,
  reason: string | null = null,
): Promise<void> => {
  for (let round = 0; round < 4; round++) {
    const { transitions } = (await service.call('owner', 'GET', `/v1/cases/${caseId}/transitions`)).body
    const edge = transitions.find((each: { to: string }) => each.to === to)
    if (!edge) throw new Error(`no edge to ${to}`)
    const counts = (each: Requirement & { when?: { reason: string[] }; unless?: { reason: string[] } }) =>
      (!each.when || (reason !== null && each.when.reason.includes(reason))) &&
      (!each.unless || reason === null || !each.unless.reason.includes(reason))
    const unmet = (edge.requirements as Requirement[]).filter(each => !each.met && counts(each))
    if (unmet.length === 0) return
    const kinds = new Map<string, Record<string, unknown>>()
    for (const each of unmet) {
      const kind = each.need ?? each.records[0]
      if (!kind || kinds.has(kind)) continue
      kinds.set(kind, Object.fromEntries(Object.entries(each.where ?? {}).map(([field, values]) => [field, values[0]])))
    }
    for (const [kind, overlay] of kinds) await givenRecord(service, caseId, kind, overlay)
  }
}

/** The way through all steps. */
export const fullWay = [
  { to: 'agreement' },
  { to: 'plan' },
  { to: 'tracking' },
  { to: 'evaluation' },
  { to: 'closure', reason: 'goals_met' },
  { to: 'closed' },
] as const

/** Carries a new case to a step by way of the API alone. */
export const givenCaseAt = async (service: Service, studentId: string, step: string): Promise<string> => {
  return carryTo(service, await givenCase(service, studentId), step)
}

/** Carries a case on to a step. */
export const carryTo = async (service: Service, caseId: string, step: string): Promise<string> => {
  const { step: begin } = (await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body
  const way = fullWay.slice(fullWay.findIndex(next => next.to === begin) + 1)
  for (const next of begin === step ? [] : way.slice(0, way.findIndex(next => next.to === step) + 1)) {
    const reason = 'reason' in next ? next.reason : null
    await earn(service, caseId, next.to, reason)
    const moved = await move(service, caseId, next)
    if (moved.status !== 201) throw new Error(`move to ${next.to}: ${moved.text}`)
  }
  return caseId
}
