/** How a person stands to a case, alert, crisis or group. Each is defined once in SQL, in the access rule of its slice. */
export const relations = [
  'owner',
  'co_worker',
  'line_manager',
  'practice_supervisor',
  'break_glass',
  'student',
  'transfer_recipient',
  'lead',
  'responder',
  'told',
  'leader',
  'co_leader',
  'member',
  'volunteer',
  'member_case_team',
] as const

export type Relation = (typeof relations)[number]

/** Relations that let a person see that the subject exists; without one, it is 404. */
export const seeing: readonly Relation[] = [
  'owner',
  'co_worker',
  'line_manager',
  'practice_supervisor',
  'break_glass',
  'student',
  'lead',
  'responder',
  'told',
  'leader',
  'co_leader',
  'member',
  'volunteer',
  'member_case_team',
]

/** Roles that can do casework: own a case or work on one. */
export const caseworkRoles = [
  'counsellor',
  'class_teacher',
  'subject_teacher',
  'psychological_counsellor',
  'practice_supervisor',
  'line_manager',
] as const

/** Roles that may own a case. Seed: 专兼职辅导员、班主任. */
export const ownerRoles = ['counsellor', 'class_teacher', 'psychological_counsellor'] as const

const rolesFor: Readonly<Record<Relation, readonly string[]>> = {
  owner: caseworkRoles,
  co_worker: caseworkRoles,
  line_manager: ['line_manager'],
  practice_supervisor: ['practice_supervisor'],
  break_glass: caseworkRoles,
  transfer_recipient: ownerRoles,
  told: caseworkRoles,
  student: [],
  lead: caseworkRoles,
  responder: caseworkRoles,
  leader: caseworkRoles,
  co_leader: caseworkRoles,
  member: [],
  volunteer: caseworkRoles,
  member_case_team: caseworkRoles,
}

/** Relations a student can stand in. */
const studentRelations: readonly Relation[] = ['student', 'member', 'volunteer']

/** Scopes of machine clients. */
export const scopes = [
  'signals:write',
  'reports:read',
  'roster:write',
  'roster:read',
  'journal:read',
  'ops:read',
] as const
export type Scope = (typeof scopes)[number]

export interface Permission {
  /** Relations to the subject that may do it. */
  readonly relations?: readonly Relation[]
  /** Staff roles that may do it wherever the operation itself does not look at a unit. */
  readonly roles?: readonly string[]
  /** Scopes of machine clients that may do it. */
  readonly scopes?: readonly Scope[]
  /** Any student may do it for themselves. */
  readonly students?: true
  /** Everybody with a valid token. */
  readonly everybody?: true
  /** No token at all. */
  readonly open?: true
  /** No token, but a signature over the body, which the operation checks itself before anything else. */
  readonly signed?: true
  /** To a student the operation looks as if it were not there. */
  readonly hiddenFromStudents?: true
}

const team = ['owner', 'co_worker'] as const
const crisisReaders = ['lead', 'responder', 'told', 'line_manager'] as const
const leading = ['leader', 'co_leader'] as const
const groupReaders = [...leading, 'line_manager', 'practice_supervisor'] as const
const taking = ['member', 'volunteer'] as const
const answering = ['owner', 'line_manager'] as const
const alertReaders = ['owner', 'told', 'line_manager'] as const
/** Who reads a case by their place in it or above it. */
const insiders = ['owner', 'co_worker', 'line_manager', 'practice_supervisor'] as const
const readers = [...insiders, 'break_glass'] as const

/** Who may do what: need to know, stated once. */
export const permissions = {
  'public:read': { open: true },
  'self:read': { everybody: true },
  'definitions:read': { everybody: true },
  'ops:read': { roles: ['administrator'], scopes: ['ops:read'] },
  'clients:manage': { roles: ['administrator'] },
  'roster:write': { roles: ['administrator'], scopes: ['roster:write'] },
  'roster:read': { roles: [...caseworkRoles, 'administrator'], scopes: ['roster:read', 'roster:write'] },
  'students:read': { roles: caseworkRoles },
  'operation:read': { everybody: true },
  'operation:cancel': { everybody: true },
  'journal:read': { roles: [...caseworkRoles, 'auditor'], scopes: ['journal:read'] },
  'case:open': { roles: ownerRoles },
  'case:list': { roles: caseworkRoles, students: true },
  'case:read': { relations: [...readers, 'student'] },
  'case:explain': { relations: readers, hiddenFromStudents: true },
  'case:move': { relations: readers, hiddenFromStudents: true },
  'case:timeline': { relations: readers, hiddenFromStudents: true },
  'case:access_log': { relations: ['owner', 'line_manager', 'student'] },
  'record:read': { relations: [...readers, 'student'] },
  'record:write': { relations: [...team, 'line_manager', 'student'] },
  'record:sign': { relations: [...team, 'line_manager', 'student'] },
  'consent:withdraw': { relations: [...team, 'student'] },
  'case:pause': { relations: ['owner', 'line_manager'] },
  'case:reassign': { relations: ['line_manager'] },
  'team:manage': { relations: ['owner', 'line_manager'] },
  'transfer:offer': { relations: ['owner'] },
  'transfer:answer': { relations: ['transfer_recipient'] },
  'transfer:list': { roles: caseworkRoles },
  'referral:write': { relations: team },
  'referral:read': { relations: readers },
  'need:waive': { relations: ['line_manager'] },
  'hold:write': { relations: [...team, 'line_manager'] },
  'attachment:write': { relations: [...team, 'student'] },
  'attachment:read': { relations: [...readers, 'student'] },
  'glass:break': { roles: ['counsellor', 'psychological_counsellor', 'practice_supervisor', 'line_manager'] },
  'glass:review': { relations: ['line_manager'] },
  'rules:manage': { roles: ['administrator'] },
  'rules:read': { roles: [...caseworkRoles, 'administrator'] },
  'key:erase': { roles: ['key_holder'] },
  'sources:manage': { roles: ['administrator'] },
  'signals:write': { roles: caseworkRoles, scopes: ['signals:write'], students: true },
  'signals:send': { signed: true },
  'signals:receipts': { roles: caseworkRoles, scopes: ['signals:write'], students: true },
  'signals:read': { roles: caseworkRoles, hiddenFromStudents: true },
  'signals:quarantine': { roles: ['administrator'] },
  'crisis:open': { roles: caseworkRoles, hiddenFromStudents: true },
  'crisis:list': { roles: caseworkRoles, hiddenFromStudents: true },
  'crisis:read': { relations: crisisReaders, hiddenFromStudents: true },
  'crisis:move': { relations: crisisReaders, hiddenFromStudents: true },
  'crisis:respond': { relations: ['lead', 'responder', 'line_manager'], hiddenFromStudents: true },
  'crisis:decide': { relations: ['lead', 'line_manager'], hiddenFromStudents: true },
  'sandbox:move': { roles: ['administrator'] },
  'case:join': { relations: team },
  'warnings:read': { roles: [...caseworkRoles, 'administrator'] },
  'warnings:set': { roles: ['administrator'] },
  'alert:list': { roles: caseworkRoles, students: true },
  'alert:read': { relations: [...alertReaders, 'student'] },
  'alert:explain': { relations: alertReaders, hiddenFromStudents: true },
  'alert:move': { relations: alertReaders, hiddenFromStudents: true },
  'alert:timeline': { relations: alertReaders, hiddenFromStudents: true },
  'alert:dispose': { relations: answering, hiddenFromStudents: true },
  'alert:notify': { relations: answering, hiddenFromStudents: true },
  'alert:answer': { relations: answering, hiddenFromStudents: true },
  'alert:combine': { relations: answering, hiddenFromStudents: true },
  'alert:reassign': { relations: ['line_manager'], hiddenFromStudents: true },
  'alert:receive': { relations: ['student'] },
  'alert:object': { relations: ['student'] },
  'group:types': { roles: [...caseworkRoles, 'administrator'] },
  'group:set_types': { roles: ['administrator'] },
  'group:open': { roles: ownerRoles },
  'group:list': { roles: caseworkRoles, students: true },
  'group:read': { relations: [...groupReaders, ...taking] },
  'group:explain': { relations: groupReaders, hiddenFromStudents: true },
  'group:move': { relations: groupReaders, hiddenFromStudents: true },
  'group:timeline': { relations: groupReaders, hiddenFromStudents: true },
  'group:lead': { relations: leading, hiddenFromStudents: true },
  'group:team': { relations: ['leader', 'line_manager'], hiddenFromStudents: true },
  'group:decide': { relations: ['line_manager'], hiddenFromStudents: true },
  'group:consent': { relations: [...leading, ...taking] },
  'group:write': { relations: [...leading, 'line_manager', ...taking] },
  'group:sign': { relations: [...leading, 'line_manager', ...taking] },
  'group:records': { relations: [...groupReaders, ...taking, 'member_case_team'] },
  'group:attachment': { relations: groupReaders, hiddenFromStudents: true },
} as const satisfies Record<string, Permission>

export type PermissionName = keyof typeof permissions

/** Whether one of the relations opens a case without break-glass, which is for who stands outside. */
export const readsCase = (held: readonly string[]): boolean => insiders.some(relation => held.includes(relation))

/** A justification of break-glass: so many characters at least that are seen, spaces and the like not counted. */
export const justification = { characters: 20, pattern: /^(?:[\s\p{C}]*[^\s\p{C}]){20}/u } as const

/** Who calls, as far as permissions look at it. */
export interface CallerRoles {
  readonly kind: 'staff' | 'student' | 'client' | 'nobody'
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
}

/**
 * Whether a caller could ever do an operation, whatever the subject: decided before anything of the subject is looked
 * at. `hidden` = answer as if there were nothing.
 */
export const mayEver = (caller: CallerRoles, name: PermissionName): 'yes' | 'no' | 'hidden' => {
  const permission: Permission = permissions[name]
  if (permission.open || permission.signed) return 'yes'
  if (permission.everybody) return caller.kind === 'nobody' ? 'no' : 'yes'
  if (caller.kind === 'client') return permission.scopes?.some(scope => caller.scopes.includes(scope)) ? 'yes' : 'no'
  if (caller.kind === 'student') {
    if (permission.students || permission.relations?.some(each => studentRelations.includes(each))) return 'yes'
    return permission.hiddenFromStudents ? 'hidden' : 'no'
  }
  const roles = [...(permission.roles ?? []), ...(permission.relations ?? []).flatMap(relation => rolesFor[relation])]
  return caller.roles.some(role => roles.includes(role)) ? 'yes' : 'no'
}

/** Whether one of the caller's relations to the case or alert allows the operation. */
export const allowsRelation = (name: PermissionName, held: readonly string[]): boolean =>
  (permissions[name] as Permission).relations?.some(relation => held.includes(relation)) ?? false
