import type { ProblemDefinition } from '../../kernel/problem.ts'
import { problem } from './problem.ts'

/** Problems of sending signals and of their sources. */
export const signalProblems = {
  signature_invalid: problem(
    401,
    'Signature invalid',
    '签名无效',
    'The webhook headers are missing or no signature fits the body and a secret of this source.',
    '缺少webhook请求头,或签名与请求体及该来源的密钥不符。',
  ),
  signature_expired: problem(
    401,
    'Signature expired',
    '签名已过期',
    'The signature is right, but webhook-timestamp is more than five minutes away from our clock; see now.',
    '签名正确,但webhook-timestamp与本服务时钟相差超过五分钟,见now。',
    ['now'],
  ),
  no_source_linked: problem(
    403,
    'No source linked',
    '未关联来源',
    'No signal source is linked to this client; an administrator links one.',
    '此客户端未关联信号来源,请管理员关联。',
  ),
  source_disabled: problem(
    403,
    'Source disabled',
    '来源已停用',
    'An administrator disabled this signal source.',
    '管理员已停用此信号来源。',
  ),
  kind_not_permitted: problem(
    403,
    'Kind not permitted',
    '类别不允许',
    'The source may not send signals of this kind; see kinds.',
    '此来源不得发送该类信号,见kinds。',
    ['kinds'],
  ),
  observed_in_future: problem(
    422,
    'Observed in the future',
    '观察时间在未来',
    'observedAt is more than five minutes ahead: it would hide every observation until then.',
    'observedAt超前五分钟以上:会遮蔽此前的一切观察。',
  ),
  observed_too_long_ago: problem(
    422,
    'Observed too long ago',
    '观察时间过早',
    'What is raised by hand was observed within the last 30 days.',
    '人工上报的事项须为近30天内观察所得。',
  ),
  signal_keeps_student: problem(
    422,
    'A signal keeps its student',
    '信号不能更换学生',
    'A signal with this id is about another student: clear it and send another.',
    '该编号的信号属于另一学生:请先解除,再另发信号。',
  ),
  quota_exhausted: problem(
    429,
    'Quota exhausted',
    '配额用尽',
    'The source, or whoever raises by hand, has sent as many signals today as it may, see dailyQuota; nothing of this request was taken. Wait as Retry-After says.',
    '该来源或上报人今日配额已用尽(见dailyQuota),本次请求未接收任何信号,请按Retry-After等候。',
    ['dailyQuota'],
  ),
  bad_csv: problem(
    400,
    'Bad CSV',
    'CSV无效',
    'The body is no CSV in UTF-8 with the columns of a signal; see errors.',
    '请求体不是含信号各列的UTF-8 CSV,见errors。',
    ['errors'],
  ),
  source_exists: problem(409, 'Source exists', '来源已存在', 'A source has this name.', '已有同名来源。'),
  client_already_linked: problem(
    409,
    'Client already linked',
    '客户端已关联',
    'The client is linked to another source.',
    '该客户端已关联其他来源。',
  ),
} as const satisfies Record<string, ProblemDefinition>
