import * as z from "zod";
import { ID_PATTERN } from "../kernel/ids.ts";
import type { RegistryRow } from "./registry-store.ts";
import { factorsKey } from "./rows.ts";

/** What a clinic knows of its people's accounts and sign-ins. Keys are spelled in `rows.ts`. */

const id = z.string().regex(ID_PATTERN);
const row = { pk: z.string(), sk: z.string(), rev: z.int().min(1) };

/** Who a person is to the clinic. Whoever made the login has to be able to say it again: it is sealed, and not hashed as elsewhere. */
export const AccountRow = z.looseObject({
  ...row,
  userId: id,
  tenantId: id,
  loginSealed: z.instanceof(Uint8Array),
  createdAtMs: z.int(),
  /** Of the newest enrolment code: SHA-256, hex. */
  codeDigest: z.string().optional(),
  codeFor: z.enum(["invite", "reset"]).optional(),
  codeIssuedAtMs: z.int().optional(),
  codeExpiresAtMs: z.int().optional(),
});
export type AccountRow = z.infer<typeof AccountRow>;

/** What somebody can sign in with. */
export const FactorsRow = z.looseObject({
  ...row,
  userId: id,
  hasPassword: z.boolean(),
  passkeys: z.int().min(0),
  enrolledAtMs: z.int().optional(),
});
export type FactorsRow = z.infer<typeof FactorsRow>;

export const EnrolledRow = z.looseObject({ ...row, userId: id, enrolledAtMs: z.int() });

export const LastSignInRow = z.looseObject({
  ...row,
  userId: id,
  atMs: z.int(),
  by: z.enum(["password", "passkey"]),
});
export type LastSignInRow = z.infer<typeof LastSignInRow>;

/** A session, told to its clinic: without the digest that is its key. */
export const SignInRow = z.looseObject({
  ...row,
  userId: id,
  sessionId: z.string(),
  sinceMs: z.int(),
  lastSeenAtMs: z.int(),
  expiresAtMs: z.int(),
  kind: z.enum(["cookie", "oauth"]),
  by: z.enum(["password", "passkey"]).optional(),
  browser: z.string().optional(),
  system: z.string().optional(),
});
export type SignInRow = z.infer<typeof SignInRow>;

export const RosterRow = z.looseObject({ ...row });

/** What somebody can sign in with, told to a clinic: written over what was told before. */
export const factorsRow = (
  userId: string,
  tenantId: string,
  told: Pick<FactorsRow, "hasPassword" | "passkeys" | "enrolledAtMs">,
): RegistryRow => ({
  ...factorsKey(userId, tenantId),
  rev: 1,
  userId,
  hasPassword: told.hasPassword,
  passkeys: told.passkeys,
  ...(told.enrolledAtMs === undefined ? {} : { enrolledAtMs: told.enrolledAtMs }),
});
