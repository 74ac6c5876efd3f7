import { z } from 'zod'
import { exampleId, Id, Words } from '../platform/http/schemas.ts'
import { codesOf } from '../practice/codes.ts'
import { budgetCategories } from '../practice/group-codes.ts'
import { LocalId, note, receipt } from './schemas.ts'
import { ofGroup } from './session-schemas.ts'

const day = (what: string) => z.iso.date().describe(what)
const fen = (what: string) => z.int().min(0).max(2_000_000_000).describe(what)
const total = (what: string) => z.int().min(0).max(200_000_000_000).describe(what)
const Line = LocalId.describe('Budget line')

const approved = z
  .array(z.strictObject({ lineId: Line, approvedFen: fen('Approved, in fen') }))
  .min(1)
  .max(60)
  .describe('Lines decided on')

export const ApproveBudgetBody = z
  .strictObject({ lines: approved, note })
  .meta({ id: 'ApproveGroupBudget', examples: [{ lines: [{ lineId: 'b1', approvedFen: 30000 }] }] })

export const BudgetApproved = receipt(
  'GroupBudgetApproved',
  { lines: approved },
  { lines: [{ lineId: 'b1', approvedFen: 30000 }] },
)

export const SpendBody = z
  .strictObject({
    amountFen: z.int().min(1).max(1_000_000_000).describe('Amount, in fen'),
    on: day('Day'),
    receiptId: Id.describe('Attachment of the group: the receipt'),
    note,
  })
  .meta({ id: 'SpendGroupMoney', examples: [{ amountFen: 4550, on: '2026-09-14', receiptId: exampleId }] })

export const MoneySpent = receipt(
  'GroupMoneySpent',
  {
    id: Id.describe('Of what was spent'),
    lineId: Line,
    amountFen: fen('Amount, in fen'),
    leftFen: fen('Left on the line, in fen'),
  },
  { id: exampleId, lineId: 'b1', amountFen: 4550, leftFen: 25450 },
)

export const SettleBudgetBody = z
  .strictObject({ note: Words(2000).describe('How the money was accounted for; confidential') })
  .meta({ id: 'SettleGroupBudget', examples: [{ note: '余款已退回学院,票据交财务。' }] })

export const BudgetSettled = receipt(
  'GroupBudgetSettled',
  {
    lines: z
      .array(z.strictObject({ lineId: Line, spentFen: fen('Spent, in fen'), returnedFen: fen('Goes back, in fen') }))
      .max(60)
      .describe('Lines settled'),
  },
  { lines: [{ lineId: 'b1', spentFen: 4550, returnedFen: 25450 }] },
)

export const GroupBudget = z
  .strictObject({
    ...ofGroup,
    lines: z
      .array(
        z.strictObject({
          id: Line,
          category: z.enum(codesOf(budgetCategories)).describe('What it pays for'),
          plannedFen: fen('Planned'),
          approvedFen: fen('Approved').nullable().describe('Approved; null = not decided'),
          spentFen: fen('Spent'),
          settled: z.boolean().describe('Settled'),
        }),
      )
      .max(60)
      .describe('Lines, in fen'),
    expenses: z
      .array(
        z.strictObject({
          id: Id.describe('Of what was spent'),
          lineId: Line,
          amountFen: fen('Amount'),
          on: day('Day'),
          receiptId: Id.describe('Attachment'),
          byId: Id.describe('Who filed it'),
        }),
      )
      .max(10_000)
      .describe('What was spent, oldest first'),
    plannedFen: total('Planned in all'),
    approvedFen: total('Approved in all'),
    spentFen: total('Spent in all'),
  })
  .meta({
    id: 'GroupBudget',
    examples: [
      {
        groupId: exampleId,
        version: 15,
        lines: [
          { id: 'b1', category: 'materials', plannedFen: 30000, approvedFen: 30000, spentFen: 4550, settled: false },
        ],
        expenses: [],
        plannedFen: 30000,
        approvedFen: 30000,
        spentFen: 4550,
      },
    ],
  })
