import type { ProblemDefinition } from '../../kernel/problem.ts'
import { problem } from './problem.ts'

/** Problems of the roster and of machine clients; the last three by their RFC 6749 names. */
export const peopleProblems = {
  unknown_reference: problem(
    422,
    'Unknown reference',
    '引用未知',
    'A row refers to something that is not in the roster; see errors.',
    '有行引用了名册中不存在的对象,见errors。',
    ['errors'],
  ),
  duplicate_row: problem(
    422,
    'Duplicate row',
    '行重复',
    'Two rows have the same id; see errors.',
    '有两行使用同一编号,见errors。',
    ['errors'],
  ),
  identity_taken: problem(
    409,
    'Identity is taken',
    '身份已被占用',
    'An identity speaks for another person; unlink it there first. See errors.',
    '有身份已属于另一人,须先在该人处解除,见errors。',
    ['errors'],
  ),
  unit_cycle: problem(
    422,
    'Unit tree has a cycle',
    '组织树成环',
    'The units do not form a tree.',
    '组织单元不成树形。',
  ),
  invalid_client: problem(
    401,
    'Invalid client',
    '客户端无效',
    'Client id or secret is wrong, or the client is revoked.',
    '客户端编号或密钥错误,或已被吊销。',
  ),
  invalid_scope: problem(
    400,
    'Invalid scope',
    '范围无效',
    'The client does not have a scope asked for.',
    '客户端没有所请求的范围。',
  ),
  unsupported_grant_type: problem(
    400,
    'Unsupported grant type',
    '授权方式不支持',
    'Only client_credentials is offered.',
    '仅支持client_credentials。',
  ),
} as const satisfies Record<string, ProblemDefinition>
