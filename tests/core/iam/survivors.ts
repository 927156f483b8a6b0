/** Mutants that no request tells from the original, each with the reason. A row that is killed after all must go. */
const masked = "a Deny of the same document refuses every request that the mutant would let through";
const implied = "the other conditions of the statement already imply this one; it stands for the reader and the lint";
const noOtherAction =
  "no other action that reaches the resource carries the condition keys that the statement asks for (Service Authorization Reference)";
const contextInDeny = "OnlyKnownContext denies every request with a foreign context key before this Allow is asked";

export const survivors: Readonly<Record<string, string>> = {
  "role/tenant-request WriteInTransactions widen Action": masked,
  "role/tenant-request CreateAttachments widen Action": noOtherAction,
  "role/identity WriteSignIn widen Action":
    "reads of these rows are allowed by ReadSignIn, and DenyTheRest refuses the rest",
  "role/control-plane Registry widen Action": masked,
  "role/control-plane MintAuditPair widen Action": masked,
  "role/control-plane MintAuditPair drop Null kms:EncryptionContextKeys": implied,
  "role/fn-archive CreateOnly widen Action": noOtherAction,
  "role/fn-seal CreateOnly widen Action": noOtherAction,
  "trust/tenant-request AssumeWithTenantTag widen Action": noOtherAction,
  "trust/tenant-request AssumeWithTenantTag drop Null aws:TagKeys": implied,
  "trust/tenant-request TagWithKnownKeys drop Null aws:TagKeys": implied,
  "trust/audit-append AssumeWithTenantTag widen Action": noOtherAction,
  "trust/audit-append AssumeWithTenantTag drop Null aws:TagKeys": implied,
  "trust/audit-append TagWithTheTenant drop Null aws:TagKeys": implied,
  "table/data NoUntaggedSession narrow Principal": "OnlyTenantSessions refuses every caller of another account",
  "table/keys AppendersReadTheAuditKey narrow Principal":
    "the statement holds for one role alone, and no caller of another account comes with its ARN",
  "bucket/attachments CreateOnly narrow Principal": "OnlyTenantSessions refuses every caller of another account",
  "bucket/attachments OnlyTheOwnPrefix narrow Principal": "OnlyTenantSessions refuses every caller of another account",
  "key/cell UnwrapOwnKeys drop ForAllValues:StringEquals kms:EncryptionContextKeys": contextInDeny,
  "key/cell UnwrapOwnKeys ForAllValues:StringEquals to ForAnyValue:StringEquals": contextInDeny,
  "key/cell MintWrapped drop ForAllValues:StringEquals kms:EncryptionContextKeys": contextInDeny,
  "key/cell MintWrapped ForAllValues:StringEquals to ForAnyValue:StringEquals": contextInDeny,
  "key/cell MintAuditPair widen Action": masked,
  "key/cell MintAuditPair drop Null kms:EncryptionContextKeys": implied,
  "key/cell MintAuditPair drop ForAllValues:StringEquals kms:EncryptionContextKeys": contextInDeny,
  "key/cell MintAuditPair ForAllValues:StringEquals to ForAnyValue:StringEquals": contextInDeny,
};
