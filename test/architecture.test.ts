import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, normalize, relative } from 'node:path'
import t from 'tap'
import { root } from '../src/platform/migrations.ts'

const order = [
  'kernel',
  'practice',
  'platform',
  'definitions',
  'people',
  'records',
  'cases',
  'groups',
  'warnings',
  'feed',
  'ops',
  'demo',
]
const source = join(root, 'src')
const names = (await readdir(source, { recursive: true })).filter(name => name.endsWith('.ts'))
const files = await Promise.all(
  names.map(async name => {
    const text = await readFile(join(source, name), 'utf8')
    const imports = [...text.matchAll(/(?:^|\n)(?:import|export)[^'\n]*?(?:\{[^}]*\})?[^'\n]*?from '([^']+)'/g)].map(
      match => match[1] as string,
    )
    return { name, text, imports }
  }),
)
const own = (name: string, specifier: string) => relative(source, normalize(join(source, dirname(name), specifier)))
const folderOf = (name: string) => (name.includes('/') ? (name.split('/')[0] as string) : null)

t.test('a folder imports only itself and the folders before it', async t => {
  for (const { name, imports } of files) {
    const folder = folderOf(name)
    if (folder === null) continue
    t.ok(order.includes(folder), `${folder} has its place in the order`)
    for (const specifier of imports.filter(each => each.startsWith('.'))) {
      const target = folderOf(own(name, specifier))
      const allowed = target !== null ? order.indexOf(target) <= order.indexOf(folder) : folder === 'demo'
      t.ok(allowed, `${name} imports ${specifier}`)
    }
  }
})

t.test('no file imports itself by a detour', async t => {
  const graph = new Map(
    files.map(({ name, imports }) => [name, imports.filter(each => each.startsWith('.')).map(each => own(name, each))]),
  )
  const finished = new Set<string>()
  const walk = (name: string, path: readonly string[]): string[] | null => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name]
    if (finished.has(name)) return null
    for (const next of graph.get(name) ?? []) {
      const found = walk(next, [...path, name])
      if (found) return found
    }
    finished.add(name)
    return null
  }
  for (const { name } of files) t.equal(walk(name, [])?.join(' → '), undefined, name)
})

t.test('kernel and practice do no I/O and know no packages but zod', async t => {
  for (const { name, imports, text } of files.filter(file => /^(kernel|practice)\//.test(file.name))) {
    const foreign = imports.filter(
      each => !each.startsWith('.') && each !== 'zod' && !(each === 'node:crypto' && name.startsWith('kernel/')),
    )
    t.same(foreign, [], name)
    t.notMatch(
      text,
      /\b(Date\.now|new Date\(\)|Math\.random|process\.(env|argv|cwd|exit|pid))/,
      `${name} is given time and chance`,
    )
  }
})

t.test('one reader of the environment, no default exports, no barrels, no long files', async t => {
  for (const { name, text } of files) {
    if (name !== 'config.ts' && name !== 'main.ts') t.notMatch(text, /process\.env/, `${name} asks no environment`)
    t.notMatch(text, /export default/, name)
    t.notMatch(text, /export \* from/, name)
    const lines = text.split('\n').length
    t.ok(lines <= 251, `${name} has ${lines} lines`)
  }
})
