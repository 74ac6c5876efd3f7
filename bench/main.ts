import { benchCases } from './cases.ts'
import { benchInbox } from './inbox.ts'
import { benchSignals } from './signals.ts'

const benches: Readonly<Record<string, () => Promise<boolean>>> = {
  cases: benchCases,
  signals: benchSignals,
  inbox: benchInbox,
}

const named = process.argv.slice(2)
for (const [name, bench] of Object.entries(benches))
  if (named.length === 0 || named.includes(name)) if (!(await bench())) process.exitCode = 1
process.exit()
