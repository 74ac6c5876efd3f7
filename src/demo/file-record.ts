import type { DemoCaller } from './seed-alerts.ts'

/**
 * Writes the example of a kind into a case or group and signs it for every party, a student's signature recorded as given
 * by word. What is `changed` of the example is laid over it.
 * @param subject path of the case or group
 */
export const fileRecord = async (call: DemoCaller, subject: string, kind: string, changed = {}): Promise<void> => {
  const definition = (await call('GET', `/v1/record-kinds/${kind}`)).body
  const content = { ...(definition.example as object), ...changed }
  const draft = (await call('POST', `${subject}/records`, { kind, content })).body
  for (const party of (definition.signers as string[]).filter(signer => signer !== 'guardian')) {
    const signature =
      party === 'student' ? { party, method: 'oral', evidence: { words: '面谈中口头确认。' } } : { party }
    await call('POST', `${subject}/records/${draft.id}/signatures`, signature, Number(draft.version))
  }
}
