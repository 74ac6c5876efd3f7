import { z } from 'zod'
import type { CheckDefinition, Process } from '../kernel/process.ts'
import { alertChecks, alertProcess, dispositions } from '../practice/alerts.ts'
import { casework, closureReasons } from '../practice/casework.ts'
import { caseworkChecks } from '../practice/casework-checks.ts'
import { aims, causeFamilies, causes, horizons, manifestations } from '../practice/codes.ts'
import type { RecordKind } from '../practice/record-kind.ts'
import { recordKinds, titleOfKind } from '../practice/record-kinds.ts'
import { severities, signalAreas, signalKinds } from '../practice/signals.ts'

/** The processes of the service by name. */
export const processes: Readonly<Record<string, Process>> = {
  case: casework as unknown as Process,
  alert: alertProcess as unknown as Process,
}

/** The named checks of each process. */
const checks: Readonly<Record<string, Readonly<Record<string, CheckDefinition<never>>>>> = {
  case: caseworkChecks,
  alert: alertChecks,
}

/** A process as a client reads it: steps, edges with needs and checks, in both languages. */
export const describeProcess = (process: Process) => ({
  name: process.name,
  title: process.title,
  initial: process.initial,
  final: process.final,
  steps: Object.entries(process.steps).map(([step, { title, note }]) => ({ step, title, ...(note ? { note } : {}) })),
  edges: process.edges.map(edge => ({
    from: edge.from,
    to: edge.to,
    by: edge.by,
    reasons: edge.reasons ?? [],
    reasonRequired: edge.reasons !== undefined && edge.reasonOptional !== true,
    noteRequired: edge.noteRequired === true,
    back: edge.back === true,
    needs: edge.needs.map(need => ({ ...need, waivable: need.waivable === true, title: titleOfKind(need.record) })),
    checks: [
      ...(process.everywhere ?? [])
        .filter(use => !use.exceptTo.includes(edge.to) && !use.exceptFrom.includes(edge.from))
        .map(use => ({ check: use.check })),
      ...edge.checks,
    ].map(use => describeCheck(process, use)),
  })),
})

const describeCheck = (process: Process, use: { readonly check: string }) => {
  const { rule: _, ...definition } = { ...checks[process.name]?.[use.check] }
  return { waivable: false, ...use, ...definition }
}

/** A record kind without schema and example. */
export const describeKind = (kind: RecordKind) => ({
  kind: kind.kind,
  title: kind.title,
  source: kind.source,
  writers: kind.writers,
  signers: kind.signers,
  writableIn: kind.writableIn,
  cardinality: kind.cardinality,
  studentReads: kind.studentReads,
  adoptable: kind.adoptable === true,
})

/** A record kind with the JSON Schema of its content and an example that can be signed on a day as it stands. */
export const describeKindWhole = (kind: RecordKind, today: string) => ({
  ...describeKind(kind),
  schema: z.toJSONSchema(kind.content, { io: 'input', target: 'draft-2020-12' }),
  example: kind.example(today),
})

/** Every record kind. */
export const allKinds = () => Object.values(recordKinds)

/** Code lists with titles. */
export const codeLists = () => ({
  causeFamilies,
  causes,
  manifestations,
  aims,
  horizons,
  closureReasons,
  severities,
  signalAreas,
  signalKinds,
  dispositions,
})
