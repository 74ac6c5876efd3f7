import { z } from 'zod'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { pageOf } from '../platform/lists.ts'
import { OperationStarted } from '../platform/operations.ts'
import { type Deps, requestOf } from '../platform/subject.ts'
import { WarningRule } from '../practice/warning-rules.ts'
import { changeRule, readRules } from './change-rule.ts'
import { startRuleRun } from './run-rules.ts'

const tag = 'Warning rules'
const Id = z.uuid()
const id = Id.describe('Rule')
const version = z.int().min(1).describe('Version: ETag of the rule')
const exampleId = '01936d3e-7c00-7000-8000-000000000007'

const example = {
  nameZh: '两门及以上不及格',
  nameEn: 'Two failed courses',
  severity: 'yellow' as const,
  criterion: { rule: 'failed_courses' as const, span: 'term' as const, courses: 2 },
  orgUnitId: null,
  grades: [],
  active: true,
}

const Body = WarningRule.meta({ id: 'WarningRule', examples: [example] })
const Stored = WarningRule.extend({ id, version }).meta({
  id: 'StoredWarningRule',
  examples: [{ ...example, id: exampleId, version: 1 }],
})
const Changed = z
  .strictObject({ id, version })
  .meta({ id: 'WarningRuleChanged', examples: [{ id: exampleId, version: 1 }] })
const Params = z.strictObject({ ruleId: id })

/** Warning rules 预警规则 as data. */
export const ruleRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'listWarningRules',
    method: 'GET',
    path: '/v1/warning-rules',
    summary: 'List the warning rules',
    tag,
    permission: 'rules:read',
    answers: { 200: pageOf('WarningRulePage', Stored, { ...example, id: exampleId, version: 1 }) },
    problems: ['not_permitted'],
    handle: async call => ({ status: 200, body: { items: await readRules(deps, requestOf(call), null), next: null } }),
  }),
  defineRoute({
    operationId: 'createWarningRule',
    method: 'POST',
    path: '/v1/warning-rules',
    summary: 'Write a warning rule',
    tag,
    permission: 'rules:manage',
    body: Body,
    answers: { 201: Changed },
    problems: ['not_permitted', 'unknown_reference', 'version_stale'],
    idempotency: 'required',
    writes: ['warning_rule.changed'],
    handle: call => changeRule(deps, requestOf(call), { id: null, ifMatch: null, rule: call.body }),
  }),
  defineRoute({
    operationId: 'getWarningRule',
    method: 'GET',
    path: '/v1/warning-rules/:ruleId',
    summary: 'Read a warning rule',
    tag,
    permission: 'rules:read',
    params: Params,
    answers: { 200: Stored },
    problems: ['not_permitted', 'not_found'],
    handle: async call => {
      const [rule] = await readRules(deps, requestOf(call), call.params.ruleId)
      return { status: 200, body: rule, etag: rule?.version ?? 0 }
    },
  }),
  defineRoute({
    operationId: 'replaceWarningRule',
    method: 'PUT',
    path: '/v1/warning-rules/:ruleId',
    summary: 'Write a new version of a warning rule; the older ones are kept',
    tag,
    permission: 'rules:manage',
    params: Params,
    body: Body,
    answers: { 200: Changed },
    problems: ['not_permitted', 'not_found', 'unknown_reference'],
    ifMatch: 'required',
    writes: ['warning_rule.changed'],
    handle: call =>
      changeRule(deps, requestOf(call), { id: call.params.ruleId, ifMatch: call.ifMatch, rule: call.body }),
  }),
  defineRoute({
    operationId: 'runWarningRules',
    method: 'POST',
    path: '/v1/warning-rules/runs',
    summary: 'Run warning rules on what is known by a day; a dry run only says whom they would flag, and why',
    description:
      'Answers 202; the operation’s result has the counts and the first 1,000 flags with their figures. Active rules run by themselves after every import.',
    tag,
    permission: 'rules:manage',
    body: z
      .strictObject({
        ruleIds: z.array(id).max(100).default([]).describe('Rules; none = every active one'),
        asOf: z.iso.date().nullable().default(null).describe('Day, ahead of today in a dry run only; null = today'),
        dryRun: z.boolean().default(false).describe('Raise no signals'),
      })
      .meta({ id: 'RunWarningRules', examples: [{ dryRun: true }] }),
    answers: { 202: OperationStarted },
    problems: ['not_permitted', 'day_unfit', 'unknown_reference', 'version_stale'],
    idempotency: 'required',
    writes: ['operation.started', 'operation.finished', 'signals.received'],
    handle: call => startRuleRun(deps, requestOf(call), call.body),
  }),
]
