import t from 'tap'
import type { z } from 'zod'
import { demoRoster, demoStaff, demoStudents } from '../../src/demo/roster.ts'
import { describedApp } from '../../src/generate.ts'
import type { ProblemDefinition } from '../../src/kernel/problem.ts'
import { collections } from '../../src/people/collections.ts'
import { type MemberName, memberOf } from '../../src/practice/problems/members.ts'
import { type ProblemCode, problems } from '../../src/practice/problems.ts'

t.test(
  'an example of the roster names nobody and nothing of the demo by its key: sent, it takes nothing away',
  async t => {
    const demo: Readonly<Record<string, readonly unknown[]>> = demoRoster
    for (const { name, keyOf, example } of collections) {
      const keys = (demo[name] ?? []).map(row => keyOf(row as never))
      t.notOk(keys.includes(keyOf(example as never)), `${name} ${keyOf(example as never)}`)
    }
    const subjects = [...demoStaff, ...demoStudents].flatMap(person =>
      ('identities' in person ? (person.identities ?? []) : []).map(each => JSON.stringify(each)),
    )
    t.ok(subjects.length > 0)
    for (const { example } of collections as readonly { example: { identities?: unknown[] } }[])
      for (const identity of example.identities ?? []) t.notOk(subjects.includes(JSON.stringify(identity)))
  },
)

t.test('every example of a body or an answer is one by its own schema', async t => {
  const app = await describedApp()
  t.teardown(() => app.close())
  const examplesOf = (schema: z.ZodType) => (schema.meta()?.examples ?? []) as readonly unknown[]
  for (const { operationId, body, raw, answers } of app.routes) {
    const schemas = [body, ...Object.values(raw ?? {}), ...Object.values(answers)].filter(each => each != null)
    for (const schema of schemas)
      for (const example of examplesOf(schema)) {
        const { error } = schema.safeParse(example)
        t.same(error?.issues ?? [], [], `${operationId} ${JSON.stringify(example).slice(0, 60)}`)
      }
  }
})

t.test('the examples of problems hold all their members, in their shapes', async t => {
  const app = await describedApp()
  t.teardown(() => app.close())
  await app.server.ready()
  const { components } = app.server.swagger() as { components?: { examples?: Record<string, { value?: object }> } }
  const examples = Object.entries(components?.examples ?? {})
  t.ok(examples.length > 0)
  for (const [code, { value }] of examples) {
    const { members = [] } = problems[code as ProblemCode] as ProblemDefinition
    for (const name of members as readonly MemberName[])
      t.ok(memberOf(code, name).safeParse({ ...value }[name as never]).success, `${code} ${name}`)
  }
})
