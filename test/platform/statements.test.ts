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

t.test('the indexes of lists stand in the order the lists read: descending, nulls first', async t => {
  const { asOwner } = await openTestDatabase(t)
  const rows = await asOwner(
    "select indexname, indexdef from pg_indexes where tablename in ('cases', 'records', 'transfers') and indexdef ~ 'DESC'",
  )
  t.ok(rows.length > 7)
  for (const { indexname, indexdef } of rows) t.notMatch(indexdef, /NULLS LAST/, String(indexname))
})
