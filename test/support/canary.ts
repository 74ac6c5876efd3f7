import { Writable } from 'node:stream'
import { pino } from 'pino'
import type { Test } from 'tap'
import type { Route } from '../../src/platform/http/route.ts'
import { givenService, type Service } from './service.ts'
import { jsonOf, standing, wordPaths } from './words.ts'

/** A log that keeps its lines, and a service that writes everything into it. */
export const givenLoggedService = async (t: Test): Promise<{ service: Service; lines: string[] }> => {
  const lines: string[] = []
  const log = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk))
      done()
    },
  })
  return { service: await givenService(t, { logger: pino({ level: 'trace' }, log) }), lines }
}

/** No table of the database holds the canary, as text or as bytes. */
export const inNoTable = async (t: Test, service: Service, canary: string): Promise<void> => {
  const tables = await service.asOwner("select table_name from information_schema.tables where table_schema = 'public'")
  t.ok(tables.length > 25)
  for (const { table_name: table } of tables) {
    const rows = await service.asOwner(
      `select x::text as line from ${table} x where x::text like '%${canary}%' limit 1`,
    )
    t.same(rows, [], String(table))
    const bytes = await service.asOwner(
      `select 1 from ${table} x where position(convert_to('${canary}', 'UTF8') in convert_to(x::text, 'UTF8')) > 0 or x::text like '%${Buffer.from(canary).toString('hex')}%' limit 1`,
    )
    t.same(bytes, [], `${table}, as bytes`)
  }
}

const wordsOf = (route: Route): ReturnType<typeof wordPaths> => {
  const body = route.body ?? route.raw?.['application/json']
  return body ? wordPaths(jsonOf(body)) : []
}

/** Free text that commands below a path take, as `operation/path`; without those named, which are no words. */
export const wordsDue = (service: Service, under: RegExp, codes: readonly string[] = []): string[] => {
  const all = service.app.routes
    .filter(route => under.test(route.path))
    .flatMap(route => wordsOf(route).map(path => `${route.operationId}/${path.join('/')}`))
  return [...new Set(all)].filter(each => !codes.includes(each)).sort()
}

/** A service that keeps in mind in which words of which commands the canary was said, and what commands answered. */
export const hearing = (service: Service, canary: string) => {
  const spoken = new Set<string>()
  const told: string[] = []
  const routeOf = (method: string, url: string) =>
    service.app.routes.find(
      route =>
        route.method === method &&
        new RegExp(`^${route.path.replace(/:\w+/g, '([0-9a-f-]{36}|[a-z]\\d+)')}$`).test(url.split('?')[0] as string),
    )
  const call: Service['call'] = async (account, method, url, body, headers) => {
    const answer = await service.call(account, method, url, body, headers)
    const route = routeOf(method, url)
    if (method !== 'GET') told.push(answer.text)
    if (route && answer.status < 300)
      for (const path of wordsOf(route))
        if (JSON.stringify(standing(body, path)).includes(canary)) spoken.add(`${route.operationId}/${path.join('/')}`)
    return answer
  }
  return { service: { ...service, call }, told, spoken: () => [...spoken].sort() }
}
