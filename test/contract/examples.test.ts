import t from 'tap'
import type { z } from 'zod'
import { demoCourses, demoResults, demoStaff, demoStudents, demoTerms, demoUnits } from '../../src/demo/roster.ts'
import { describedApp } from '../../src/generate.ts'
import { collections } from '../../src/people/collections.ts'

t.test(
  'an example of the roster names nobody and nothing of the demo by its key: sent, it takes nothing away',
  async t => {
    const demo: Readonly<Record<string, readonly unknown[]>> = {
      'org-units': demoUnits,
      staff: demoStaff,
      students: demoStudents,
      terms: demoTerms,
      courses: demoCourses,
      results: demoResults,
    }
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
