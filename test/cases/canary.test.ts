import t, { type Test } from 'tap'
import type { ZodType } from 'zod'
import type { Route } from '../../src/platform/http/route.ts'
import { confidentialPaths, type RecordKind } from '../../src/practice/record-kind.ts'
import { kindsOf } from '../../src/practice/record-kinds.ts'
import { givenLoggedService, inNoTable } from '../support/canary.ts'
import { givenCase, givenCaseAt, givenDraft, givenRecord, versionOf } from '../support/cases.ts'
import { givenCrisis, moveCrisis } from '../support/crises.ts'
import { givenSchool, type Service, type Told } from '../support/service.ts'
import { at, contentsOf, jsonOf, spoken, standing, wordPaths } from '../support/words.ts'

const canary = 'canary7f3a'
const words = `${canary} 不得外泄的一段话,写得足够长,有二十个字以上。`
const today = '2026-09-14'

const stepFor = ({ writableIn }: RecordKind): string =>
  writableIn === 'after_closed'
    ? 'closed'
    : typeof writableIn === 'string'
      ? 'investigation'
      : (writableIn.at(-1) as string)

const writerOf = ({ writers }: RecordKind): string =>
  writers.includes('worker') ? 'owner' : writers.includes('student') ? 'student-3' : 'lineManager'

/** Neither answers, logs, metrics, feed, timeline nor lists hold the canary. */
const inNothingTold = async (
  t: Test,
  service: Service,
  { told, lines, account, caseId }: { told: string[]; lines: string[]; account: string; caseId: string },
) => {
  await service.seal()
  t.notMatch(told.join('\n'), canary, 'receipts and problems')
  t.notMatch(lines.join('\n'), canary, 'logs')
  t.notMatch((await service.call('administrator', 'GET', '/metrics')).text, canary, 'metrics')
  let seen = 0
  for (let after = 0; ; ) {
    const page = await service.call('auditor', 'GET', `/v1/journal?limit=200&after=${after}`)
    if (page.body.next === after) break
    t.notMatch(page.text, canary, 'feed')
    seen += page.body.items.length
    after = page.body.next
  }
  t.ok(seen > 20, `${seen} entries`)
  const timeline = await service.call(account, 'GET', `/v1/cases/${caseId}/timeline?limit=200`)
  t.ok(timeline.body.items.length > 0)
  t.notMatch(timeline.text, canary, 'timeline')
  t.notMatch((await service.call(account, 'GET', '/v1/cases?status=all')).text, canary, 'list')
}

t.test('the contents of the test say something in every confidential field that takes words', t => {
  for (const kind of Object.values(kindsOf('case'))) {
    const contents = contentsOf(kind, today, words)
    for (const content of contents) t.same(kind.content.safeParse(content).error?.issues ?? [], [], `${kind.kind} fits`)
    for (const path of confidentialPaths(kind.content)) {
      const said = contents.flatMap(content => standing(content, path))
      t.ok(said.length > 0, `${kind.kind}/${path.join('/')} is filled`)
      if (wordPaths(at(jsonOf(kind.content), path)).length > 0)
        t.match(JSON.stringify(said), canary, `${kind.kind}/${path.join('/')} holds the canary`)
    }
  }
  t.end()
})

t.test('every confidential field of every kind is read as it was written, and is nowhere else', async t => {
  const { service, lines } = await givenLoggedService(t)
  const { students } = await givenSchool(service)
  const told: string[] = []
  const cases: Record<string, string> = {}
  const student = students['1'] as string
  // A case in closure or closed does not stand in the way of the next.
  for (const step of ['closed', 'closure', 'evaluation'])
    cases[step] = await givenCaseAt(service, step === 'evaluation' ? (students['2'] as string) : student, step)
  cases.investigation = await givenCase(service, students['3'] as string)
  cases.plan = await givenCaseAt(service, student, 'plan')
  for (const kind of Object.values(kindsOf('case')).filter(each => !each.writtenBy)) {
    const [caseId, writer] = [cases[stepFor(kind)] as string, writerOf(kind)]
    const write = (content: unknown) =>
      service.call(writer, 'POST', `/v1/cases/${caseId}/records`, { kind: kind.kind, content })
    for (const content of contentsOf(kind, today, words)) {
      const drafted = await write(content)
      t.equal(drafted.status, 201, `${kind.kind} ${drafted.text.slice(0, 200)}`)
      told.push(drafted.text)
      const read = await service.call(writer, 'GET', `/v1/cases/${caseId}/records/${drafted.body.id}`)
      const { scores: _, ...written } = content as Record<string, unknown>
      t.match(read.body.content, written, `${kind.kind} is read as it was written`)
      const [row] = await service.asOwner(`select content from records where id = '${drafted.body.id}'`)
      for (const path of confidentialPaths(kind.content))
        t.same(
          standing(row?.content, path),
          [],
          `${kind.kind}/${path.join('/')}, codes and figures too, is not in the clear`,
        )
    }
    const nonsense = Object.fromEntries(Object.keys(kind.example(today)).map(name => [name, canary]))
    const refused = await write({ ...nonsense, [canary.slice(0, 3)]: canary })
    t.ok(refused.status >= 400, `${kind.kind} refused`)
    told.push(refused.text)
  }
  await inNoTable(t, service, canary)
  await inNothingTold(t, service, { told, lines, account: 'owner', caseId: cases.investigation as string })
})

/** Codes, checked by the command: what is none of them is refused. */
const codes = ['moveCase/reason', 'waiveNeeds/needs/*']

/** Commands on cases whose bodies have free text, and where: whatever slice they belong to. */
const speaking = (service: Service) =>
  service.app.routes.flatMap(route =>
    route.body &&
    /^\/v1\/cases(\/:caseId\/.*)?$/.test(route.path) &&
    !['createRecord', 'replaceRecord'].includes(route.operationId)
      ? [
          {
            route,
            paths: wordPaths(jsonOf(route.body)).filter(
              path => !codes.includes(`${route.operationId}/${path.join('/')}`),
            ),
          },
        ]
      : [],
  )

t.test('words given with a command are nowhere but in the answer to those who may read them', async t => {
  const { service, lines } = await givenLoggedService(t)
  const { staff, students } = await givenSchool(service)
  const [told, spokenIn]: [string[], Set<string>] = [[], new Set()]
  const routes = new Map(speaking(service).map(({ route, paths }) => [route.operationId, { route, paths }]))
  /** Carries out an operation with the canary in all its words. */
  const say = async (
    operationId: string,
    account: string,
    params: Readonly<Record<string, string>>,
    given: Readonly<Record<string, unknown>> = {},
    ifMatch?: number,
  ): Promise<Told> => {
    const { route, paths } = routes.get(operationId) as { route: Route; paths: string[][] }
    const { examples } = (route.body as ZodType).meta() as { examples: [object] }
    const body = paths.reduce((value, path) => spoken(jsonOf(route.body as ZodType), value, path, words), {
      ...examples[0],
      ...given,
    } as unknown)
    const url = route.path.replace(/:(\w+)/g, (_all, name: string) => params[name] as string)
    const version =
      ifMatch ?? (params.caseId ? (await service.call(account, 'GET', `/v1/cases/${params.caseId}`)).body.version : 1)
    const answer = await service.call(account, 'POST', url, body, route.ifMatch ? { 'if-match': `"${version}"` } : {})
    if (answer.status !== 201) throw new Error(`${operationId}: ${answer.text}`)
    for (const path of paths) spokenIn.add(`${operationId}/${path.join('/')}`)
    told.push(answer.text)
    return answer
  }
  const opened = await say('openCase', 'owner', {}, { studentId: students['3'] })
  const caseId = opened.body.caseId as string
  const about = { caseId }
  const hold = { ...about, holdId: (await say('openHold', 'owner', about, { kind: 'safety_crisis' })).body.id }
  const crisisId = await givenCrisis(service, students['3'] as string)
  await say('startUrgently', 'lineManager', about, { dueOn: '2026-10-01' })
  await moveCrisis(service, crisisId, { to: 'debriefed', reason: 'false_alarm', note: '平稳' })
  await say('entrustHold', 'owner', hold, { recipientId: staff.coWorker })
  await say('liftHold', 'owner', hold)
  await say('waiveNeeds', 'lineManager', about, { needs: ['environment'], mode: 'deferred', dueOn: '2026-10-01' })
  await say('pauseCase', 'owner', about, { reason: 'internship', expectedReturn: '2026-12-01' })
  await service.call('owner', 'POST', `/v1/cases/${caseId}/resumption`, undefined, {
    'if-match': `"${await versionOf(service, caseId)}"`,
  })
  const referral = await say('makeReferral', 'owner', about, { basis: 'danger' })
  await say('settleReferral', 'owner', { ...about, referralId: referral.body.id })
  const { version } = (await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body
  const broken = await say('breakGlass', 'outsider', about, { reason: 'danger_to_life' }, version)
  await say('reviewGlass', 'lineManager', { ...about, grantId: broken.body.id })
  const contact = await givenRecord(service, caseId, 'contact')
  await say('amendRecord', 'owner', { ...about, recordId: contact })
  const entry = await givenDraft(service, caseId, 'helper_confirmation')
  await say('signRecord', 'owner', { ...about, recordId: entry.body.id }, { party: 'student', method: 'oral' }, 1)
  const offer = async () => ({
    ...about,
    transferId: (await say('offerTransfer', 'owner', about, { toId: staff.colleague })).body.id,
  })
  await say('withdrawTransfer', 'owner', await offer())
  await say('rejectTransfer', 'colleague', await offer(), {}, 1)
  await say('acceptTransfer', 'colleague', await offer(), {}, 1)
  await say('reassignCase', 'lineManager', about, { toId: staff.owner, reason: 'workload' })
  const agreed = await givenCaseAt(service, students['1'] as string, 'plan')
  const [consent] = await service.asOwner(`select id from consents where case_id = '${agreed}' limit 1`)
  await say('withdrawConsent', 'owner', { caseId: agreed, consentId: String(consent?.id) })
  await say('moveCase', 'owner', about, { to: 'closure', reason: 'other' })
  const file = { 'content-type': 'application/pdf', 'content-disposition': `attachment; filename="${canary}.pdf"` }
  const attached = await service.call(
    'owner',
    'POST',
    `/v1/cases/${caseId}/attachments`,
    Buffer.from(`%PDF-1.7 ${canary}`),
    file,
  )
  t.equal(attached.status, 201)
  const due = speaking(service).flatMap(({ route, paths }) =>
    paths.map(path => `${route.operationId}/${path.join('/')}`),
  )
  t.same([...spokenIn].sort(), [...new Set(due)].sort(), 'no words of any command were left out')
  await inNoTable(t, service, canary)
  await service.asOwner('alter table vault rename to vault_gone')
  const failed = await service.call(
    'owner',
    'POST',
    `/v1/cases/${caseId}/transitions`,
    { to: 'investigation', note: words },
    { 'if-match': `"${await versionOf(service, caseId)}"` },
  )
  t.equal(failed.status, 500)
  t.match(lines.join(''), /internal error/, 'the fault is logged')
  told.push(failed.text)
  await service.asOwner('alter table vault_gone rename to vault')
  await inNothingTold(t, service, { told, lines, account: 'owner', caseId })
})
