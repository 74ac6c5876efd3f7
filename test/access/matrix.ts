import { groups } from './groups-matrix.ts'
import { warnings } from './warnings-matrix.ts'

/**
 * Who gets through, operation by operation, written out from the access row of the API conventions: it must not follow
 * the rules by itself. A slice adds the rows of its operations under their tag.
 *
 * ✓ = let through, whatever else is said of the request · 3 = 403 by the permission · n = 403 because this one, of what
 * they may do, is not theirs · 4 = 404 · 1 = 401, for it asks for a signature and no token will do. One character an
 * account, in the groups of `columns`:
 *
 * 1 owner, co-worker, past co-worker, recipient of an open transfer, holder of break-glass access
 * 2 line manager, of another college, until last year, from tomorrow; practice supervisor
 * 3 colleague, outsider, class teacher, subject teacher, psychological counsellor off the team, left yesterday
 * 4 the student, another student · 5 counsellor of another institution · 6 administrator, auditor, key holder
 * 7 machine clients by scope: signals:write, reports:read, roster:write, roster:read, journal:read, ops:read
 * 8 a valid token linked to nobody
 */
export const matrix: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Operations: {
    getMetrics: '33333 33333 333333 33 3 ✓33 33333✓ 3',
  },
  Definitions: {
    listProcesses: '✓✓✓✓✓ ✓✓✓✓✓ ✓✓✓✓✓✓ ✓✓ ✓ ✓✓✓ ✓✓✓✓✓✓ ✓',
    getProcess: '✓✓✓✓✓ ✓✓✓✓✓ ✓✓✓✓✓✓ ✓✓ ✓ ✓✓✓ ✓✓✓✓✓✓ ✓',
    getProcessDiagram: '✓✓✓✓✓ ✓✓✓✓✓ ✓✓✓✓✓✓ ✓✓ ✓ ✓✓✓ ✓✓✓✓✓✓ ✓',
    listRecordKinds: '✓✓✓✓✓ ✓✓✓✓✓ ✓✓✓✓✓✓ ✓✓ ✓ ✓✓✓ ✓✓✓✓✓✓ ✓',
    getRecordKind: '✓✓✓✓✓ ✓✓✓✓✓ ✓✓✓✓✓✓ ✓✓ ✓ ✓✓✓ ✓✓✓✓✓✓ ✓',
    getCodes: '✓✓✓✓✓ ✓✓✓✓✓ ✓✓✓✓✓✓ ✓✓ ✓ ✓✓✓ ✓✓✓✓✓✓ ✓',
    listStrategies: '✓✓✓✓✓ ✓✓✓✓✓ ✓✓✓✓✓✓ ✓✓ ✓ ✓✓✓ ✓✓✓✓✓✓ ✓',
    listInstruments: '✓✓✓✓✓ ✓✓✓✓✓ ✓✓✓✓✓✓ ✓✓ ✓ ✓✓✓ ✓✓✓✓✓✓ ✓',
  },
  Roster: {
    getMe: '✓✓✓✓✓ ✓✓✓✓✓ ✓✓✓✓✓3 ✓✓ ✓ ✓✓✓ ✓✓✓✓✓✓ 3',
    upsertOrgUnits: '33333 33333 333333 33 3 ✓33 33✓333 3',
    upsertStaff: '33333 33333 333333 33 3 ✓33 33✓333 3',
    upsertStudents: '33333 33333 333333 33 3 ✓33 33✓333 3',
    upsertTerms: '33333 33333 333333 33 3 ✓33 33✓333 3',
    upsertCourses: '33333 33333 333333 33 3 ✓33 33✓333 3',
    upsertSections: '33333 33333 333333 33 3 ✓33 33✓333 3',
    upsertEnrolments: '33333 33333 333333 33 3 ✓33 33✓333 3',
    upsertAssessments: '33333 33333 333333 33 3 ✓33 33✓333 3',
    upsertResults: '33333 33333 333333 33 3 ✓33 33✓333 3',
    listOrgUnits: '✓✓✓✓✓ ✓✓33✓ ✓✓✓✓✓3 33 ✓ ✓33 33✓✓33 3',
    listStaff: '✓✓✓✓✓ ✓✓33✓ ✓✓✓✓✓3 33 ✓ ✓33 33✓✓33 3',
    listTerms: '✓✓✓✓✓ ✓✓33✓ ✓✓✓✓✓3 33 ✓ ✓33 33✓✓33 3',
    listCourses: '✓✓✓✓✓ ✓✓33✓ ✓✓✓✓✓3 33 ✓ ✓33 33✓✓33 3',
    searchStudents: '✓✓✓✓✓ ✓✓33✓ ✓✓✓✓✓3 33 ✓ 333 333333 3',
    getStudent: '✓✓✓✓4 ✓433✓ ✓4✓✓43 33 4 333 333333 3',
    getStanding: '✓✓✓✓4 ✓433✓ ✓4✓✓43 33 4 333 333333 3',
  },
  Clients: {
    createClient: '33333 33333 333333 33 3 ✓33 333333 3',
    listClients: '33333 33333 333333 33 3 ✓33 333333 3',
    revokeClient: '33333 33333 333333 33 3 ✓33 333333 3',
  },
  Cases: {
    openCase: '✓✓✓✓4 33333 ✓4✓343 33 4 333 333333 3',
    listCases: '✓✓✓✓✓ ✓✓33✓ ✓✓✓✓✓3 ✓✓ ✓ 333 333333 3',
    searchCases: '✓✓✓✓✓ ✓✓33✓ ✓✓✓✓✓3 ✓✓ ✓ 333 333333 3',
    getCase: '✓✓44✓ ✓433✓ 444443 ✓4 4 333 333333 3',
    listTransitions: '✓✓44✓ ✓433✓ 444443 44 4 333 333333 3',
    moveCase: '✓n44n ✓433n 444443 44 4 333 333333 3',
    getTimeline: '✓✓44✓ ✓433✓ 444443 44 4 333 333333 3',
    getAccessLog: '✓3443 ✓4333 444443 ✓4 4 333 333333 3',
    getWords: '✓✓44✓ ✓433✓ 444443 44 4 333 333333 3',
    eraseCaseKey: '33333 33333 333333 33 3 33✓ 333333 3',
  },
  Records: {
    createRecord: '✓✓443 ✓4333 444443 ✓4 4 333 333333 3',
    listRecords: '✓✓44✓ ✓433✓ 444443 ✓4 4 333 333333 3',
    getRecord: '✓✓44✓ ✓433✓ 444443 ✓4 4 333 333333 3',
    replaceRecord: '✓✓443 n4333 444443 n4 4 333 333333 3',
    discardRecord: '✓✓443 n4333 444443 n4 4 333 333333 3',
    signRecord: '✓✓443 ✓4333 444443 ✓4 4 333 333333 3',
    amendRecord: '✓✓443 n4333 444443 n4 4 333 333333 3',
    addAttachment: '✓✓443 34333 444443 ✓4 4 333 333333 3',
    listAttachments: '✓✓44✓ ✓433✓ 444443 ✓4 4 333 333333 3',
    getAttachment: '✓✓44✓ ✓433✓ 444443 44 4 333 333333 3',
  },
  'Team and measures': {
    pauseCase: '✓3443 ✓4333 444443 33 4 333 333333 3',
    resumeCase: '✓3443 ✓4333 444443 33 4 333 333333 3',
    reassignCase: '33333 ✓4333 333333 33 3 333 333333 3',
    addCoWorker: '✓3443 ✓4333 444443 33 4 333 333333 3',
    endCoWorker: '✓3443 ✓4333 444443 33 4 333 333333 3',
    offerTransfer: '✓3443 34333 444443 33 4 333 333333 3',
    listTransfers: '✓✓✓✓✓ ✓✓33✓ ✓✓✓✓✓3 33 ✓ 333 333333 3',
    acceptTransfer: '334✓4 33333 444343 33 4 333 333333 3',
    rejectTransfer: '334✓4 33333 444343 33 4 333 333333 3',
    withdrawTransfer: '✓3444 34333 444443 33 4 333 333333 3',
    makeReferral: '✓✓443 34333 444443 33 4 333 333333 3',
    settleReferral: '✓✓443 34333 444443 33 4 333 333333 3',
    listReferrals: '✓✓44✓ ✓433✓ 444443 33 4 333 333333 3',
    getReferral: '✓✓44✓ ✓433✓ 444443 33 4 333 333333 3',
    waiveNeeds: '33333 ✓4333 333333 33 3 333 333333 3',
    startUrgently: '33333 ✓4333 333333 33 3 333 333333 3',
    withdrawConsent: '✓✓443 34333 444443 ✓4 4 333 333333 3',
    openHold: '✓✓443 ✓4333 444443 33 4 333 333333 3',
    liftHold: '✓✓443 ✓4333 444443 33 4 333 333333 3',
    entrustHold: '✓✓443 ✓4333 444443 33 4 333 333333 3',
    breakGlass: '✓✓✓✓✓ ✓✓33✓ ✓✓33✓3 33 4 333 333333 3',
    reviewGlass: '33333 ✓4333 333333 33 3 333 333333 3',
  },
  Journal: {
    readJournal: '✓✓✓✓✓ ✓✓33✓ ✓✓✓✓✓3 33 ✓ 3✓3 3333✓3 3',
  },
  Imports: {
    getImportMapping: '33333 33333 333333 33 3 ✓33 33✓333 3',
    putImportMapping: '33333 33333 333333 33 3 ✓33 33✓333 3',
    startImport: '33333 33333 333333 33 3 ✓33 33✓333 3',
  },
  'Warning rules': {
    listWarningRules: '✓✓✓✓✓ ✓✓33✓ ✓✓✓✓✓3 33 ✓ ✓33 333333 3',
    createWarningRule: '33333 33333 333333 33 3 ✓33 333333 3',
    getWarningRule: '✓✓✓✓✓ ✓✓33✓ ✓✓✓✓✓3 33 4 ✓33 333333 3',
    replaceWarningRule: '33333 33333 333333 33 3 ✓33 333333 3',
    runWarningRules: '33333 33333 333333 33 3 ✓33 333333 3',
  },
  'Long work': {
    getOperation: '44444 44444 444443 44 4 ✓44 444444 3',
    listOperations: '✓✓✓✓✓ ✓✓✓✓✓ ✓✓✓✓✓3 ✓✓ ✓ ✓✓✓ ✓✓✓✓✓✓ 3',
    cancelOperation: '44444 44444 444443 44 4 ✓44 444444 3',
  },
  Sandbox: {
    readSandboxClock: '33333 33333 333333 33 3 ✓33 333333 3',
    moveSandboxClock: '33333 33333 333333 33 3 ✓33 333333 3',
  },
  ...warnings,
  ...groups,
}

/** Operations that ask for no token. */
export const open = ['getProblem', 'getSignalSchema', 'isAlive', 'isReady', 'issueToken']
