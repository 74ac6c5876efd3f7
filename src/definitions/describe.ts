import { z } from 'zod'
import type { CheckDefinition, Process, Title } from '../kernel/process.ts'
import { alertChecks, alertProcess, dispositions } from '../practice/alerts.ts'
import { casework } from '../practice/casework.ts'
import { caseworkChecks } from '../practice/casework-checks.ts'
import * as codes from '../practice/codes.ts'
import { crisisProcess } from '../practice/crisis.ts'
import { crisisChecks } from '../practice/crisis-checks.ts'
import {
  appealResults,
  crisisKinds,
  crisisOutcomes,
  crisisSubkinds,
  exemptions,
  measureBases,
  measureKinds,
  responderAnswers,
  responderKinds,
} from '../practice/crisis-codes.ts'
import { groupChecks } from '../practice/group-checks.ts'
import * as groupCodes from '../practice/group-codes.ts'
import { groupTypes } from '../practice/group-types.ts'
import { groupWork } from '../practice/group-work.ts'
import { instruments } from '../practice/instruments.ts'
import type { RecordKind } from '../practice/record-kind.ts'
import { recordKinds, titleOfKind } from '../practice/record-kinds.ts'
import { severities, signalAreas, signalKinds } from '../practice/signals.ts'
import { strategies } from '../practice/strategies.ts'

/** The processes of the service by name. */
export const processes: Readonly<Record<string, Process>> = {
  case: casework as unknown as Process,
  alert: alertProcess as unknown as Process,
  crisis: crisisProcess as unknown as Process,
  group: groupWork as unknown as Process,
}

/** The named checks of each process. */
const checksOf: Readonly<Record<string, Readonly<Record<string, Omit<CheckDefinition<never>, 'rule'>>>>> = {
  case: caseworkChecks,
  alert: alertChecks,
  crisis: crisisChecks,
  group: groupChecks,
}

/** Titles of the codes a process uses, by code. */
const titled = (codes: readonly string[], titles: Readonly<Record<string, Title>>) =>
  Object.fromEntries([...new Set(codes)].map(code => [code, titles[code] ?? { en: code, zh: code }]))

const reasonTitles = {
  ...codes.closureReasons,
  ...codes.moveReasons,
  ...groupCodes.earlyEndingReasons,
  ...groupCodes.cancellingReasons,
}

/** A process as a client reads it: steps, edges with needs and checks, in both languages. */
export const describeProcess = (process: Process) => ({
  name: process.name,
  title: process.title,
  initial: process.initial,
  final: process.final,
  relations: titled(
    process.edges.flatMap(edge => [...edge.by]),
    codes.relationTitles,
  ),
  reasons: titled(
    process.edges.flatMap(edge => [...(edge.reasons ?? [])]),
    reasonTitles,
  ),
  steps: Object.entries(process.steps).map(([step, { title, note }]) => ({ step, title, ...(note ? { note } : {}) })),
  edges: process.edges.map(edge => ({
    from: edge.from,
    to: edge.to,
    by: edge.by,
    reasons: edge.reasons ?? [],
    reasonRequired: edge.reasons !== undefined && edge.reasonOptional !== true,
    noteRequired: edge.noteRequired === true,
    noteFor: edge.noteFor ?? [],
    back: edge.back === true,
    needs: edge.needs.map(need => ({ ...need, waivable: need.waivable === true, title: titleOfKind(need.record) })),
    checks: [
      ...(process.everywhere ?? [])
        .filter(use => !use.exceptTo.includes(edge.to) && !use.exceptFrom.includes(edge.from))
        .map(use => ({ check: use.check })),
      ...edge.checks,
    ].map(use => describeCheck(process.name, use)),
  })),
})

const describeCheck = (process: string, use: { readonly check: string }) => {
  const { rule: _, ...definition } = { rule: null, ...checksOf[process]?.[use.check] }
  return { waivable: false, ...use, ...definition }
}

/** A record kind without schema and example. */
export const describeKind = (kind: RecordKind) => ({
  kind: kind.kind,
  of: kind.of,
  title: kind.title,
  source: kind.source,
  writers: kind.writers,
  signers: kind.signers,
  writableIn: kind.writableIn,
  cardinality: kind.cardinality,
  studentReads: kind.studentReads,
  lateAfterDays: kind.lateAfterDays ?? null,
  adoptable: kind.adoptable === true,
  aboutMember: kind.about === 'member',
  ownTokenOnly: kind.ownTokenOnly === true,
  writtenBy: kind.writtenBy ?? null,
})

const schemas = new Map<string, object>()

/** JSON Schema of a kind's content, made once. */
const schemaOf = (kind: RecordKind): object => {
  const known = schemas.get(kind.kind) ?? z.toJSONSchema(kind.content, { io: 'input', target: 'draft-2020-12' })
  schemas.set(kind.kind, known)
  return known
}

/** A record kind with the JSON Schema of its content and an example that can be signed on a day as it stands. */
export const describeKindWhole = (kind: RecordKind, today: string) => ({
  ...describeKind(kind),
  schema: schemaOf(kind),
  example: kind.example(today),
})

/** Every record kind. */
export const allKinds = () => Object.values(recordKinds)

const { codesOf: _, ...lists } = codes

/** Every code list of the profession with titles, strategies and instruments included. */
export const codeLists = (): Readonly<Record<string, Readonly<Record<string, unknown>>>> => ({
  ...lists,
  strategies,
  instruments: Object.fromEntries(
    Object.entries(instruments).map(([code, { title, version }]) => [code, { title, version }]),
  ),
  severities,
  signalAreas,
  signalKinds,
  crisisKinds,
  crisisSubkinds,
  responderKinds,
  responderAnswers,
  measureKinds,
  measureBases,
  exemptions,
  crisisOutcomes,
  appealResults,
  dispositions,
  ...groupCodes,
  groupTypes,
})
