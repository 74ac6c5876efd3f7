/**
 * Who gets through to groups: marks and columns as in the matrix of which these rows are part. The recipient leads the
 * group and the psychologist along; the subject teacher volunteers, and the student is a member, whose case the owner and
 * the co-worker work on. Working on the case of a member opens the notes on that member alone.
 */
export const groups: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'Group types': {
    listGroupTypes: '✓✓✓✓✓ ✓✓33✓ ✓✓✓✓✓3 33 ✓ ✓33 333333 3',
    getGroupType: '✓✓✓✓✓ ✓✓33✓ ✓✓✓✓✓3 33 ✓ ✓33 333333 3',
    putGroupType: '33333 33333 333333 33 3 ✓33 333333 3',
  },
  Groups: {
    openGroup: '✓✓✓✓4 33333 ✓4✓343 33 4 333 333333 3',
    listGroups: '✓✓✓✓✓ ✓✓33✓ ✓✓✓✓✓3 ✓✓ ✓ 333 333333 3',
    searchGroups: '✓✓✓✓✓ ✓✓33✓ ✓✓✓✓✓3 ✓✓ ✓ 333 333333 3',
    getGroup: '334✓4 ✓433✓ 444✓✓3 ✓4 4 333 333333 3',
    changeGroup: '334✓4 34333 4443✓3 44 4 333 333333 3',
    listGroupTransitions: '334✓4 ✓433✓ 4443✓3 44 4 333 333333 3',
    moveGroup: '334✓4 n433n 4443✓3 44 4 333 333333 3',
    getGroupTimeline: '334✓4 ✓433✓ 4443✓3 44 4 333 333333 3',
    getGroupWords: '334✓4 ✓433✓ 4443✓3 44 4 333 333333 3',
    eraseGroupKey: '33333 33333 333333 33 3 33✓ 333333 3',
    reassignGroup: '33333 ✓4333 333333 44 3 333 333333 3',
    addCoLeader: '334✓4 ✓4333 444333 44 4 333 333333 3',
    endCoLeader: '334✓4 ✓4333 444333 44 4 333 333333 3',
  },
  'Group members': {
    addGroupMember: '334✓4 34333 4443✓3 44 4 333 333333 3',
    selectGroupMember: '334✓4 34333 4443✓3 44 4 333 333333 3',
    consentGroupMember: '334✓4 34333 444✓✓3 ✓4 4 333 333333 3',
    fileGuardianConsent: '334✓4 34333 4443✓3 44 4 333 333333 3',
    leaveGroup: '334✓4 34333 4443✓3 44 4 333 333333 3',
    getGroupComposition: '334✓4 ✓433✓ 4443✓3 44 4 333 333333 3',
    pairGroupMembers: '334✓4 34333 4443✓3 44 4 333 333333 3',
    endGroupPair: '334✓4 34333 4443✓3 44 4 333 333333 3',
    resolveGroupOpenItem: '334✓4 34333 4443✓3 44 4 333 333333 3',
  },
  'Group records': {
    createGroupRecord: '334✓4 n4333 444n✓3 n4 4 333 333333 3',
    listGroupRecords: '✓✓4✓4 ✓433✓ 444✓✓3 ✓4 4 333 333333 3',
    getGroupRecord: '✓✓4✓4 44334 4444✓3 44 4 333 333333 3',
    replaceGroupRecord: '334✓4 n4333 444n✓3 n4 4 333 333333 3',
    discardGroupRecord: '334✓4 n4333 444n✓3 n4 4 333 333333 3',
    signGroupRecord: '334✓4 ✓4333 444✓✓3 ✓4 4 333 333333 3',
    amendGroupRecord: '334✓4 n4333 444n✓3 n4 4 333 333333 3',
    addGroupAttachment: '334✓4 34333 4443✓3 44 4 333 333333 3',
    listGroupAttachments: '334✓4 ✓433✓ 4443✓3 44 4 333 333333 3',
    getGroupAttachment: '334✓4 ✓433✓ 4443✓3 44 4 333 333333 3',
  },
  'Group sessions and work': {
    holdGroupSession: '334✓4 34333 4443✓3 44 4 333 333333 3',
    listGroupSessions: '334✓4 ✓433✓ 444✓✓3 ✓4 4 333 333333 3',
    listGroupTasks: '334✓4 ✓433✓ 444✓✓3 ✓4 4 333 333333 3',
    settleGroupTask: '334✓4 34333 4443✓3 44 4 333 333333 3',
    getGroupBudget: '334✓4 ✓433✓ 4443✓3 44 4 333 333333 3',
    approveGroupBudget: '33333 ✓4333 333333 44 3 333 333333 3',
    spendGroupMoney: '334✓4 34333 4443✓3 44 4 333 333333 3',
    settleGroupBudget: '334✓4 34333 4443✓3 44 4 333 333333 3',
    getGroupOutcome: '334✓4 ✓433✓ 4443✓3 44 4 333 333333 3',
    getGroupSociogram: '334✓4 ✓433✓ 4443✓3 44 4 333 333333 3',
    drawGroupSociogram: '334✓4 ✓433✓ 4443✓3 44 4 333 333333 3',
  },
}
