/** The door of core/crypto. `kms.ts` stands beside it: it loads the SDK, and only the first unwrap needs it. */
export type { AuditPlace } from "./audit-detail.ts";
export { auditDetailKid, openAuditDetail, sealAuditDetail } from "./audit-detail.ts";
export { classSearchToken, foldSearchValue, searchToken } from "./blind-index.ts";
export type { ContentPlace } from "./content.ts";
export { contentKid, openContent, sealContent } from "./content.ts";
export type { CursorInvalid, CursorPlace } from "./cursor.ts";
export { cursorKid, openCursor, sealCursor } from "./cursor.ts";
export type { Kid } from "./data-key.ts";
export { DataKey, makeKid } from "./data-key.ts";
export type { Legend, Treatment } from "./header.ts";
export type { ActiveKeyRow, KeyContext, KeyRow, KeyState, KeyVersionRow } from "./key-rows.ts";
export { keyContext } from "./key-rows.ts";
export type { KeyUse } from "./key-use.ts";
export { observeKeyUse } from "./key-use.ts";
export type {
  AuditPublicKey,
  KeyFailure,
  Keyring,
  KeyringDeps,
  KeyScope,
  KeySignal,
  LoadFailure,
  UnwrapFailure,
} from "./keyring.ts";
export { createKeyring, KEYRING_LIMITS } from "./keyring.ts";
export { LIMITS } from "./limits.ts";
export type { KeyMint, MintDeps, MintFailure, MintInput } from "./mint.ts";
export { mintTenantKeys } from "./mint.ts";
export type { SealFault } from "./seal-broken.ts";
export { SealBroken } from "./seal-broken.ts";
export type { Binding, Place, SealTooLong } from "./seal-item.ts";
export { openItem, sealedUnder, sealItem } from "./seal-item.ts";
export type { SealableValue, SealedRow } from "./value.ts";
