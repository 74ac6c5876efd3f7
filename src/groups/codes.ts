/** Parties that sign records of groups; titles in the code lists. */
export const signingParties = ['worker', 'member', 'line_manager'] as const
