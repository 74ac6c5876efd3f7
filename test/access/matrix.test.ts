import t from 'tap'
import type { Route } from '../../src/platform/http/route.ts'
import { givenService } from '../support/service.ts'
import { accounts, callAs, columns } from './accounts.ts'
import { matrix, open } from './matrix.ts'
import { givenStage } from './stage.ts'

const rowOf = (route: Route): string => matrix[route.tag]?.[route.operationId] ?? ''
/** A refusal by status, and whether it is the permission itself that refuses. */
const marks: Readonly<Record<string, { readonly status: number; readonly permission: boolean }>> = {
  '3': { status: 403, permission: true },
  n: { status: 403, permission: false },
  '4': { status: 404, permission: false },
  '1': { status: 401, permission: false },
}

/** What is expected of each account; those refused first, so that nothing has changed when they ask. */
const expectedOf = (row: string) =>
  [...row.replaceAll(' ', '')]
    .map((mark, index) => ({ account: accounts[index] as string, refused: marks[mark] ?? null }))
    .sort((a, b) => Number(a.refused === null) - Number(b.refused === null))

t.test('every operation has its row, and every row its operation and one mark an account', async t => {
  const { app } = await givenService(t)
  const asked = app.routes.filter(route => route.permission !== 'public:read')
  for (const route of asked) t.ok(rowOf(route), `${route.tag}: ${route.operationId} is in the matrix`)
  t.same(
    app.routes
      .filter(route => route.permission === 'public:read')
      .map(route => route.operationId)
      .sort(),
    open,
  )
  const groups = columns.map(group => group.length)
  for (const [tag, rows] of Object.entries(matrix))
    for (const [operationId, row] of Object.entries(rows)) {
      t.ok(
        asked.some(route => route.tag === tag && route.operationId === operationId),
        `${tag}: ${operationId} is there`,
      )
      t.match(row, /^[✓134n ]+$/, operationId)
      t.same(
        row.split(' ').map(group => [...group].length),
        groups,
        `${operationId} has a mark for each account`,
      )
    }
})

t.test('every account is let through, forbidden or shown nothing, as the matrix says', async t => {
  const service = await givenService(t, { sandbox: true })
  const stage = await givenStage(service)
  for (const route of service.app.routes.filter(each => each.permission !== 'public:read')) {
    for (const { account, refused } of expectedOf(rowOf(route))) {
      const { url, body, headers } = stage.requestOf(route, account)
      const { status, body: told } = await callAs(service, account, route.method, url, body, headers)
      const shown = `${account} ${route.operationId}: ${status} ${told?.code ?? ''}`
      if (refused) t.same([status, told?.code === 'not_permitted'], [refused.status, refused.permission], shown)
      else t.notOk([400, 401, 403, 404].includes(status) || status >= 500, shown)
    }
  }
})

t.test('without a token, or with one that is not believed, nothing is answered but what is open', async t => {
  const service = await givenService(t)
  for (const route of service.app.routes) {
    const url = route.path.replace(/:\w+/g, '01936d3e-7c00-7000-8000-00000000ffff')
    for (const headers of [{}, { authorization: 'Bearer x.y.z' }]) {
      const { statusCode } = await service.app.server.inject({ method: route.method, url, headers })
      if (open.includes(route.operationId)) t.not(statusCode, 401, route.operationId)
      else t.ok([401, 415].includes(statusCode), `${route.operationId} ${statusCode}`)
    }
  }
})
