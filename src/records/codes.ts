export const recordStatuses = ['draft', 'signed', 'superseded', 'discarded'] as const
export const signingMethods = ['own_token', 'paper', 'oral', 'message'] as const
