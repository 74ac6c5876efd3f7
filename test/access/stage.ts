import type { Route } from '../../src/platform/http/route.ts'
import { earn, exampleOf, givenDraft, givenRecord, move, versionOf } from '../support/cases.ts'
import type { Service } from '../support/service.ts'
import { givenEverybody, givenStaffedCase } from './accounts.ts'
import { givenGroups } from './groups-stage.ts'
import { givenRosterWork } from './roster-stage.ts'
import { givenWarnings, rawBodyOf } from './warnings-stage.ts'

/** What the operations of the matrix are asked about. */
export interface Stage {
  /** The request an account makes: in order but for the version, which is stale, so that little takes effect. */
  readonly requestOf: (
    route: Route,
    account: string,
  ) => { readonly url: string; readonly body: unknown; readonly headers: Readonly<Record<string, string>> }
}

const idOf = (told: { status: number; text: string; body: { id: string } }): string => {
  if (told.status !== 201) throw new Error(told.text)
  return told.body.id
}

const command = async (service: Service, account: string, caseId: string, path: string, body: object) =>
  idOf(
    await service.call(account, 'POST', `/v1/cases/${caseId}/${path}`, body, {
      'if-match': `"${await versionOf(service, caseId)}"`,
    }),
  )

const only = async (service: Service, sql: string) => String(Object.values((await service.asOwner(sql))[0] ?? {})[0])

/** Operations asked with the version there is, because whose it is to do is decided after it; a move is only tried. */
const knownVersions: Readonly<Record<string, number>> = { replaceRecord: 1, discardRecord: 1 }

/** Moves are only tried; other lists want to be told something. */
const queries: Readonly<Record<string, string>> = {
  moveCase: '?dryRun=true',
  moveAlert: '?dryRun=true',
  moveCrisis: '?dryRun=true',
  moveGroup: '?dryRun=true',
  proposeCalendar: '?year=2026',
  startImport: '?format=csv&mapping=saved',
}

/** A case with one of everything, and a case of its own for each operation that would change how others stand. */
export const givenStage = async (service: Service): Promise<Stage> => {
  const ids = await givenEverybody(service)
  const caseId = await givenStaffedCase(service, ids, '1')
  await earn(service, caseId, 'agreement')
  await move(service, caseId, { to: 'agreement' })
  await givenRecord(service, caseId, 'service_agreement')
  const taken = { reason: 'danger_to_life', justification: '学生失联超过十二小时,负责人无法联系,需要立即查看。' }
  idOf(await service.call('glassHolder', 'POST', `/v1/cases/${caseId}/break-glass`, taken))
  const note = { note: '一段话,写得足够长。' }
  const main: Record<string, string> = {
    caseId,
    studentId: ids['1'] as string,
    staffId: ids.coWorker as string,
    clientId: idOf(await service.call('administrator', 'POST', '/v1/clients', { name: 'x', scopes: ['reports:read'] })),
    recordId: await givenRecord(service, caseId, 'session', { progress: [] }),
    holdId: await command(service, 'owner', caseId, 'holds', { kind: 'safety_crisis', ...note }),
    referralId: await command(service, 'owner', caseId, 'referrals', { to: '医院', purpose: '评估', basis: 'danger' }),
    attachmentId: idOf(
      await service.call('owner', 'POST', `/v1/cases/${caseId}/attachments`, Buffer.from('%PDF-1.7'), {
        'content-type': 'application/pdf',
      }),
    ),
    consentId: await only(service, `select id from consents where case_id = '${caseId}' limit 1`),
    wordsId: await only(service, `select id from vault where subject_id = '${caseId}' limit 1`),
    name: 'case',
    kind: 'contact',
    code: 'not_found',
  }
  const apart: Record<string, Record<string, string>> = {}
  for (const operation of ['replaceRecord', 'discardRecord', 'signRecord'])
    apart[operation] = { recordId: idOf(await givenDraft(service, caseId, 'contact')) }
  for (const [index, operation] of ['acceptTransfer', 'rejectTransfer', 'withdrawTransfer'].entries()) {
    const other = await givenStaffedCase(service, ids, `9${index}`)
    const transferId = await command(service, 'owner', other, 'transfers', { toId: ids.recipient, ...note })
    apart[operation] = { caseId: other, transferId }
  }
  for (const operation of ['breakGlass', 'reviewGlass']) {
    const other = await givenStaffedCase(service, ids, operation)
    apart[operation] = { caseId: other }
    if (operation === 'reviewGlass')
      apart[operation].grantId = idOf(await service.call('outsider', 'POST', `/v1/cases/${other}/break-glass`, taken))
  }
  const entry = { kind: 'student_entry', content: await exampleOf(service, 'student_entry') }
  const cover = { kind: 'risk_cover_note', content: await exampleOf(service, 'risk_cover_note') }
  const warned = await givenWarnings(service, ids)
  const grouped = await givenGroups(service, ids)
  const worked = await givenRosterWork(service)
  const versions: Readonly<Record<string, number>> = {
    ...knownVersions,
    ...warned.versions,
    ...grouped.versions,
    moveCase: await versionOf(service, caseId),
  }
  const bodyOf = (route: Route, account: string): unknown => {
    if (route.bytes) return Buffer.from('%PDF-1.7')
    if (route.stream) return Buffer.from('x\r\n1\r\n')
    if (route.raw) return rawBodyOf(route, account)
    const given = { ...warned.bodies, ...grouped.bodies }[route.operationId]
    if (given) return given
    if (route.operationId === 'openCase') return { studentId: ids['1'], source: 'outreach' }
    if (route.operationId === 'moveCase') return { to: 'closure', reason: 'declined' }
    if (route.operationId === 'createRecord' && account.startsWith('student')) return entry
    if (route.operationId === 'createRecord' && account === 'lineManager') return cover
    return route.body ? (route.body.meta() as { examples?: unknown[] }).examples?.[0] : undefined
  }
  return {
    requestOf: (route, account) => {
      const params: Readonly<Record<string, string>> = {
        ...main,
        ...warned.params,
        ...grouped.params,
        ...worked.params,
        ...apart[route.operationId],
        ...warned.apart[route.operationId],
        ...grouped.apart[route.operationId],
        ...worked.apart[route.operationId],
      }
      const path = route.path.replace(/:(\w+)/g, (_all, name: string) => params[name] as string)
      return {
        url: `${path}${queries[route.operationId] ?? ''}`,
        body: bodyOf(route, account),
        headers: {
          ...(route.ifMatch ? { 'if-match': `"${versions[route.operationId] ?? 999_999}"` } : {}),
          ...(route.bytes ? { 'content-type': 'application/pdf' } : {}),
          ...(route.stream ? { 'content-type': 'text/csv' } : {}),
        },
      }
    },
  }
}
