import * as z from "zod";
import { StandingPurpose } from "./purpose.ts";

/** Requests of the session zone outside OAuth. */

export const SignIn = z.strictObject({
  login: z.string().trim().toLowerCase().min(2).max(100),
  password: z.string().min(1).max(256),
  /** RFC 6238, 6 digits. */
  totp: z.string().regex(/^\d{6}$/),
  /** Which clinic, for a user of several. */
  tenant: z.string().length(26).optional(),
  /** What the session is for. A request may say another that the roles work for. */
  purpose: StandingPurpose.optional(),
});
export type SignIn = z.infer<typeof SignIn>;

/** Both factors again, by who is signed in: never a login, which the session says. */
export const StepUp = z.strictObject({
  password: z.string().min(1).max(256),
  /** RFC 6238, 6 digits: a code that no sign-in or step-up has used. */
  totp: z.string().regex(/^\d{6}$/),
});
export type StepUp = z.infer<typeof StepUp>;

export const StepUpView = z.strictObject({ steppedUpAt: z.iso.datetime(), expiresAt: z.iso.datetime() });
export type StepUpView = z.infer<typeof StepUpView>;

export const SignOut = z.strictObject({ everywhere: z.boolean().default(false) });
export type SignOut = z.infer<typeof SignOut>;

export const SessionView = z.strictObject({
  userId: z.string(),
  tenantId: z.string(),
  displayName: z.string(),
  roles: z.array(z.string()),
  assurance: z.enum(["aal1", "aal2"]),
  purpose: StandingPurpose.optional(),
  idleExpiresAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type SessionView = z.infer<typeof SessionView>;
