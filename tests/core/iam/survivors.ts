/** Mutants that no request tells from the original, each with the reason. A row that is killed after all must go. */
const masked = "a Deny of the same document refuses every request that the mutant would let through";
const implied = "the other conditions of the statement already imply this one; it stands for the reader and the lint";
const noOtherAction =
  "no other action that reaches the resource carries the condition keys that the statement asks for (Service Authorization Reference)";
const contextInDeny = "OnlyKnownContext denies every request with a foreign context key before this Allow is asked";

const oneRole = "the statement holds for one role alone, and no caller of another account comes with its ARN";
const letInByNone = "no statement of the policy lets a caller of another account in";
const oneBucket = "its actions ask about the bucket, and the policy stands on one only";
const operatorAlone = "the condition names the operator alone, whoever else the statement would let in";

export const survivors: Readonly<Record<string, string>> = {
  "role/tenant-request WriteInTransactions widen Action": masked,
  "role/tenant-request CreateAttachments widen Action": noOtherAction,
  "role/tenant-export KeepJobs widen Action": masked,
  "role/tenant-export ListOwnFiles widen Action": noOtherAction,
  "role/registry-privacy ChangeOwnTenant widen Action": masked,
  "role/registry-privacy ListOwnMembers widen Resource": masked,
  "role/registry-privacy ListOwnMembers widen to arn:aws:dynamodb:us-east-1:111122223333:table/keyward-dev-registry/index/*":
    masked,
  "role/tenant-export WriteOwnFiles widen Action": noOtherAction,
  "role/audit-read ReadOwnTrail widen Action": masked,
  "role/audit-read ReadWrappedAuditKey widen Action": masked,
  "role/audit-read UnwrapOwnAuditKey drop Null kms:EncryptionContextKeys": implied,
  "role/identity WriteSignIn widen Action":
    "reads of these rows are allowed by ReadSignIn, and DenyTheRest refuses the rest",
  "role/control-plane Registry widen Action": masked,
  "role/control-plane MintAuditPair widen Action": masked,
  "role/control-plane MintAuditPair drop Null kms:EncryptionContextKeys": implied,
  "role/fn-archive CreateOnly widen Action": noOtherAction,
  "role/fn-seal CreateOnly widen Action": noOtherAction,
  "role/fn-index WriteTrail widen Action": masked,
  "role/fn-reconcile ReadEvents widen Action": masked,
  "role/fn-reconcile ReadClinicHours widen Action": masked,
  "role/fn-reconcile ReadMembers widen Action": masked,
  "role/fn-export ListTenants widen Action": masked,
  "role/fn-witness KeepCountersignatures widen Action": noOtherAction,
  "trust/tenant-request AssumeWithTenantTag widen Action": noOtherAction,
  "trust/tenant-request AssumeWithTenantTag drop Null aws:TagKeys": implied,
  "trust/tenant-request TagWithKnownKeys drop Null aws:TagKeys": implied,
  "trust/tenant-export AssumeForOneJob widen Action": noOtherAction,
  "trust/tenant-export AssumeForOneJob drop Null aws:TagKeys": implied,
  "trust/tenant-export TagWithTheJob drop Null aws:TagKeys": implied,
  "trust/audit-read AssumeWithTenantTag widen Action": noOtherAction,
  "trust/audit-read AssumeWithTenantTag drop Null aws:TagKeys": implied,
  "trust/audit-read TagWithKnownKeys drop Null aws:TagKeys": implied,
  "trust/registry-privacy AssumeWithTenantTag widen Action": noOtherAction,
  "trust/registry-privacy AssumeWithTenantTag drop Null aws:TagKeys": implied,
  "trust/registry-privacy TagWithTheTenant drop Null aws:TagKeys": implied,
  "trust/audit-append AssumeWithTenantTag widen Action": noOtherAction,
  "trust/audit-append AssumeWithTenantTag drop Null aws:TagKeys": implied,
  "trust/audit-append TagWithTheTenant drop Null aws:TagKeys": implied,
  "table/data NoUntaggedSession narrow Principal": "OnlyTenantSessions refuses every caller of another account",
  "table/data ExportsKeepJobsOnly narrow Principal": oneRole,
  "table/keys TheTrailsRolesReadTheAuditKey narrow Principal": oneRole,
  "table/trail NoUntaggedSession narrow Principal": "OnlyTheClinicReads refuses every caller of another account",
  "table/trail TheReconcilerWritesSignals narrow Principal": oneRole,
  "bucket/attachments CreateOnly narrow Principal": "OnlyTenantSessions refuses every caller of another account",
  "bucket/attachments OnlyTheOwnPrefix narrow Principal": "OnlyTenantSessions refuses every caller of another account",
  "bucket/attachments OnlyExportsWriteExports narrow Principal": letInByNone,
  "bucket/attachments ExportsStayInTheirFolder narrow Principal": oneRole,
  "bucket/archive WitnessList widen Resource": oneBucket,
  "bucket/witness ClinicList widen Resource": oneBucket,
  "bucket/witness OperatorVerifies widen Resource":
    "its actions ask about objects, and the policy stands on one bucket only",
  "bucket/witness OperatorVerifies widen Principal": operatorAlone,
  "bucket/witness OperatorLists widen Resource": oneBucket,
  "bucket/witness OperatorLists widen Principal": operatorAlone,
  "key/cell UnwrapOwnAuditKey drop Null kms:EncryptionContextKeys": implied,
  "key/cell UnwrapOwnAuditKey drop ForAllValues:StringEquals kms:EncryptionContextKeys": contextInDeny,
  "key/cell UnwrapOwnAuditKey ForAllValues:StringEquals to ForAnyValue:StringEquals": contextInDeny,
  "key/cell UnwrapOwnKeys drop ForAllValues:StringEquals kms:EncryptionContextKeys": contextInDeny,
  "key/cell UnwrapOwnKeys ForAllValues:StringEquals to ForAnyValue:StringEquals": contextInDeny,
  "key/cell MintWrapped drop ForAllValues:StringEquals kms:EncryptionContextKeys": contextInDeny,
  "key/cell MintWrapped ForAllValues:StringEquals to ForAnyValue:StringEquals": contextInDeny,
  "key/cell MintAuditPair widen Action": masked,
  "key/cell MintAuditPair drop Null kms:EncryptionContextKeys": implied,
  "key/cell MintAuditPair drop ForAllValues:StringEquals kms:EncryptionContextKeys": contextInDeny,
  "key/cell MintAuditPair ForAllValues:StringEquals to ForAnyValue:StringEquals": contextInDeny,
};
