import * as z from "zod";

/** Requests of the session zone outside OAuth. */

export const SignIn = z.strictObject({
  login: z.string().trim().toLowerCase().min(2).max(100),
  password: z.string().min(1).max(256),
  /** RFC 6238, 6 digits. */
  totp: z.string().regex(/^\d{6}$/),
  /** Which clinic, for a user of several. */
  tenant: z.string().length(26).optional(),
});
export type SignIn = z.infer<typeof SignIn>;

export const SignOut = z.strictObject({ everywhere: z.boolean().default(false) });
export type SignOut = z.infer<typeof SignOut>;

export const SessionView = z.strictObject({
  userId: z.string(),
  tenantId: z.string(),
  displayName: z.string(),
  roles: z.array(z.string()),
  assurance: z.enum(["aal1", "aal2"]),
  idleExpiresAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type SessionView = z.infer<typeof SessionView>;
