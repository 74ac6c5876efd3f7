import { z } from 'zod'

/** An id as the service makes them. */
export const Id = z.uuid()
export const version = () => z.int().min(1).max(2_147_483_647)
export const instant = () => z.iso.datetime()
export const text = (max: number) => z.string().max(max)

export const exampleId = '01936d3e-7c00-7000-8000-000000000001'
export const otherId = '01936d3e-7c00-7000-8000-000000000002'
export const at = '2026-09-14T08:30:00.000Z'

/** Words that go into the vault. */
export const Words = (max: number) => z.string().trim().min(1).max(max)

/** A name with a capital: `Case`. */
export const capital = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`

/**
 * Answers of commands on a guarded subject: ids, codes and the new version; what a replay gives again.
 * @param kind of the subject: `case` gives `caseId` and `caseVersion`
 */
export const receiptOf =
  (kind: string) =>
  <S extends z.ZodRawShape>(id: string, shape: S, example: Readonly<Record<string, unknown>>) =>
    z
      .strictObject({
        [`${kind}Id`]: Id.describe(capital(kind)),
        ...shape,
        [`${kind}Version`]: version().describe(`Version of the ${kind} after the change`),
      })
      .meta({ id, examples: [{ [`${kind}Id`]: exampleId, ...example, [`${kind}Version`]: 7 }] })
