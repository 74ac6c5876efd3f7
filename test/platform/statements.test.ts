import t from 'tap'
import '../../src/app.ts'
import { declaredStatements } from '../../src/platform/database.ts'
import { openTestDatabase } from '../support/database.ts'

t.test('every declared statement can be prepared by the application role', async t => {
  const { asApplication } = await openTestDatabase(t)
  const statements = [...declaredStatements()]
  t.ok(statements.length > 50)
  for (const [name, text] of statements)
    await t.resolves(asApplication(`prepare "${name}" as ${text}; deallocate "${name}"`), name)
})
