import type { CaseFacts } from './facts.ts'

/**
 * Whether the student's consent to sharing with an office is in force, by the office's name in the agreement. Without it
 * nothing passes there on the ground of consent. Domain §2: withdrawn sharing stops shares.
 */
export const sharingConsented = (facts: Pick<CaseFacts, 'consents'>, recipient: string): boolean =>
  facts.consents.some(consent => consent.purpose === 'sharing' && consent.inForce && consent.recipient === recipient)
