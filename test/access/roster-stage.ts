import type { Service, Told } from '../support/service.ts'

/** What imports, rules and long work are asked about: ids of the path, and those of single operations. */
export interface RosterStage {
  readonly params: Readonly<Record<string, string>>
  readonly apart: Readonly<Record<string, Readonly<Record<string, string>>>>
}

const done = (told: Told): Told => {
  if (told.status >= 300) throw new Error(told.text)
  return told
}

const exampleOf = (service: Service, operationId: string): unknown => {
  const route = service.app.routes.find(each => each.operationId === operationId)
  const meta = route?.body?.meta() as { examples?: unknown[] } | undefined
  return meta?.examples?.[0]
}

/** A saved mapping, a warning rule, and a run of it the administrator asked for. */
export const givenRosterWork = async (service: Service): Promise<RosterStage> => {
  const ask = async (method: string, url: string, body: unknown) =>
    done(await service.call('administrator', method, url, body)).body
  await ask('PUT', '/v1/import-mappings/saved', exampleOf(service, 'putImportMapping'))
  const { id: ruleId } = await ask('POST', '/v1/warning-rules', exampleOf(service, 'createWarningRule'))
  const { id: operationId } = await ask('POST', '/v1/warning-rules/runs', { dryRun: true })
  return {
    params: { ruleId, operationId },
    apart: { getImportMapping: { name: 'saved' }, putImportMapping: { name: 'saved' } },
  }
}
