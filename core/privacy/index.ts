/** The door of core/privacy: what protects a patient's chart beside the roles, in rows of its own. */
export {
  type Approval,
  approvalHash,
  approve,
  findApproval,
  listApprovals,
  requestApproval,
  spendApproval,
} from "./approvals.ts";
export {
  activeBreakGlass,
  beginBreakGlass,
  type BreakGlass,
  type BreakGlassReview,
  endBreakGlass,
  findBreakGlass,
  listOpenReviews,
  type OpenReview,
  reviewBreakGlass,
} from "./break-glass.ts";
export { circumstancesOf, type CircumstanceFacts, type Standing } from "./circumstances.ts";
export {
  activeDelegations,
  type Delegation,
  findDelegation,
  grantDelegation,
  listDelegations,
  revokeDelegation,
} from "./delegations.ts";
export { keyFailure } from "./failure.ts";
export type { OnPrivacyAlarm, PrivacyAlarm, PrivacyFailure, PrivacyRule } from "./failure.ts";
export { type Hold, listHolds, placeHold, RELEASE_HOLD, releaseHold } from "./holds.ts";
export {
  driftOf,
  duplicatesOf,
  type Merge,
  type Protection,
  protectionCheck,
  protectionWrite,
  readProtection,
  readProtections,
  survivorOf,
} from "./protection.ts";
export { relationship, type Relationship } from "./relationship.ts";
export type { Change, Marks, Person, PrivacyDeps } from "./rows.ts";
