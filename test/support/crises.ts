import type { z } from 'zod'
import type { Service, Told } from './service.ts'

/** Opens a crisis as an account of the school. @returns the answer */
export const askCrisis = (
  service: Service,
  studentId: string,
  overlay: Record<string, unknown> = {},
  account = 'owner',
): Promise<Told> =>
  service.call(account, 'POST', '/v1/crises', {
    studentId,
    kind: 'safety',
    subkind: 'missing',
    note: '学生夜间未归,电话不通。',
    ...overlay,
  })

/** Opens a crisis. @returns its id */
export const givenCrisis = async (
  service: Service,
  studentId: string,
  overlay: Record<string, unknown> = {},
  account = 'owner',
): Promise<string> => {
  const opened = await askCrisis(service, studentId, overlay, account)
  if (opened.status !== 201) throw new Error(`openCrisis: ${opened.text}`)
  return opened.body.crisisId as string
}

/** A crisis as its lead reads it. */
export const readCrisis = async (service: Service, crisisId: string, account = 'owner') =>
  (await service.call(account, 'GET', `/v1/crises/${crisisId}`)).body

/** The version of a crisis, without reading its words. */
const versionOf = async (service: Service, crisisId: string, account: string): Promise<number> =>
  (await service.call(account, 'GET', `/v1/crises/${crisisId}/transitions`)).body?.version ?? 1

/** Writes to a path below a crisis, with the version it has. */
export const onCrisis = async (
  service: Service,
  crisisId: string,
  path: string,
  body: unknown,
  options: { account?: string; version?: number; key?: string; language?: string } = {},
): Promise<Told> => {
  const account = options.account ?? 'owner'
  return service.call(account, 'POST', `/v1/crises/${crisisId}/${path}`, body, {
    'if-match': `"${options.version ?? (await versionOf(service, crisisId, account))}"`,
    ...(options.key ? { 'idempotency-key': options.key } : {}),
    ...(options.language ? { 'accept-language': options.language } : {}),
  })
}

/** Asks for a move. */
export const moveCrisis = (
  service: Service,
  crisisId: string,
  body: Record<string, unknown>,
  options: { account?: string; version?: number; dryRun?: boolean; key?: string; language?: string } = {},
): Promise<Told> => onCrisis(service, crisisId, `transitions${options.dryRun ? '?dryRun=true' : ''}`, body, options)

const exampleOf = (body: z.ZodType | undefined) => (body?.meta() as { examples?: unknown[] } | undefined)?.examples?.[0]

/** Calls an operation with the example of its body, laid over; ids of the path are those of what is still open. */
const callOperation = async (service: Service, crisisId: string, operationId: string, overlay: object) => {
  const route = service.app.routes.find(each => each.operationId === operationId)
  if (!route) throw new Error(`there is no operation ${operationId}`)
  const crisis = await readCrisis(service, crisisId)
  const open = {
    ':measureId': crisis.measures.find((each: { endedAt: string | null }) => !each.endedAt)?.id,
    ':decisionId': crisis.decisions.find((each: { appealedOn: string | null }) => each.appealedOn)?.id,
  }
  const path = Object.entries(open).reduce(
    (url, [name, id]) => url.replace(name, id),
    route.path.split('/').slice(4).join('/'),
  )
  const told = await onCrisis(service, crisisId, path, { ...(exampleOf(route.body) as object), ...overlay })
  if (told.status !== 201) throw new Error(`${operationId}: ${told.text}`)
}

/** Does whatever one edge still asks for, knowing only what the API says. */
export const earnCrisis = async (service: Service, crisisId: string, to: string): Promise<void> => {
  for (let round = 0; round < 6; round++) {
    const { transitions } = (await service.call('owner', 'GET', `/v1/crises/${crisisId}/transitions`)).body
    const edge = transitions.find((each: { to: string }) => each.to === to)
    if (!edge) throw new Error(`no edge to ${to}`)
    const unmet = edge.requirements.find((each: { met: boolean }) => !each.met)
    if (!unmet) return
    await callOperation(service, crisisId, unmet.operation, {})
  }
  throw new Error(`${to} is not earned`)
}

/** The way through all stages. */
export const wholeWay = ['mobilised', 'stabilised', 'debriefed', 'closed'] as const

/** Carries a new crisis to a stage by way of the API alone. */
export const givenCrisisAt = async (
  service: Service,
  studentId: string,
  step: string,
  overlay: Record<string, unknown> = {},
): Promise<string> => {
  const crisisId = await givenCrisis(service, studentId, overlay)
  for (const to of wholeWay) {
    if ((await readCrisis(service, crisisId)).step === step) break
    await earnCrisis(service, crisisId, to)
    const moved = await moveCrisis(service, crisisId, { to })
    if (moved.status !== 201) throw new Error(`move to ${to}: ${moved.text}`)
  }
  return crisisId
}
