import t from 'tap'
import { generatedFiles } from '../../src/generate.ts'
import { casework } from '../../src/practice/casework.ts'
import { kindsOf } from '../../src/practice/record-kinds.ts'

const lines = ((await generatedFiles())['docs/operations.md'] as string)
  .split('\n')
  .filter(line => line.startsWith('| `'))
const cells = lines.map(line => line.split(' | ').map(cell => cell.replace(/^\| | \|$/g, '')))

t.test('the table of operations says what each is for', async t => {
  t.ok(cells.length > 60)
  for (const row of cells) {
    t.equal(row.length, 6, row.join())
    t.ok((row[2] as string).length > 10, row.join())
  }
})

t.test('and names what is done by way of another operation', async t => {
  const rows = (operation: string) => cells.filter(row => row[0] === `\`${operation}\``).map(row => row[2] as string)
  const withdraw = rows('moveCase').find(summary => summary.startsWith('Withdraw a closing')) as string
  for (const edge of casework.edges.filter(each => 'back' in each && each.back)) t.match(withdraw, `\`${edge.to}\``)
  const [adopt, after] = ['Adopt', 'Write after closing'].map(
    begin => rows('createRecord').find(summary => summary.startsWith(begin)) as string,
  ) as [string, string]
  for (const kind of Object.values(kindsOf('case'))) {
    t.equal(adopt.includes(`\`${kind.kind}\``), kind.adoptable === true, kind.kind)
    t.equal(
      after.includes(`\`${kind.kind}\``),
      !kind.writtenBy && ['after_closed', 'always'].includes(kind.writableIn as string),
      kind.kind,
    )
  }
})
