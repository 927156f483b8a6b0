import * as z from "zod";
import { ACT_PATTERN } from "./act.ts";
import { CODE_PATTERN, readCode } from "./enrolment-code.ts";
import { NewPassword } from "./platform.ts";
import { StandingPurpose } from "./purpose.ts";

/** Requests and answers of the session zone outside OAuth. */

/** RFC 6238, 6 digits: a code that no sign-in or step-up has used. */
const totp = z.string().regex(/^\d{6}$/);
const password = z.string().min(1).max(256);
const tenantId = z.string().length(26);
const base64url = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[\w-]+$/);

/** What a browser's `navigator.credentials` gave, in the JSON of WebAuthn Level 3 5.1 (PublicKeyCredential.toJSON). */
const credential = {
  id: base64url(1400),
  rawId: base64url(1400),
  type: z.literal("public-key"),
  authenticatorAttachment: z.enum(["platform", "cross-platform"]).optional(),
  clientExtensionResults: z.record(z.string(), z.unknown()),
};

export const PasskeyAssertion = z.strictObject({
  ...credential,
  response: z.strictObject({
    clientDataJSON: base64url(4096),
    authenticatorData: base64url(4096),
    signature: base64url(4096),
    userHandle: base64url(128).optional(),
  }),
});
export type PasskeyAssertion = z.infer<typeof PasskeyAssertion>;

export const PasskeyAttestation = z.strictObject({
  ...credential,
  response: z.strictObject({
    clientDataJSON: base64url(4096),
    attestationObject: base64url(16_384),
    authenticatorData: base64url(4096).optional(),
    transports: z
      .array(z.string().regex(/^[a-z-]{1,20}$/))
      .max(8)
      .optional(),
    publicKeyAlgorithm: z.int().optional(),
    publicKey: base64url(4096).optional(),
  }),
});
export type PasskeyAttestation = z.infer<typeof PasskeyAttestation>;

/** Where a sign-in leads: which clinic, for a user of several, and what the session is for. */
const destination = {
  tenant: tenantId.optional(),
  /** A request may say another that the roles work for. */
  purpose: StandingPurpose.optional(),
  /** Whose purpose it is, where a locked page waits for one user: whoever else signs in there has not said one. */
  purposeOf: z.string().length(26).optional(),
};

export const SignIn = z.strictObject({
  login: z.string().trim().toLowerCase().min(2).max(100),
  password,
  totp,
  ...destination,
  /** Answers a user of several clinics with the choice of one, in the place of a refusal. */
  choose: z.literal(true).optional(),
});
export type SignIn = z.infer<typeof SignIn>;

export const PasskeySignIn = z.strictObject({ passkey: PasskeyAssertion, ...destination });
export type PasskeySignIn = z.infer<typeof PasskeySignIn>;

export const ChooseClinic = z.strictObject({
  ticket: base64url(43).length(43),
  tenant: tenantId,
  purpose: StandingPurpose.optional(),
});
export type ChooseClinic = z.infer<typeof ChooseClinic>;

/** What the step-up is for: the SHA-256 of `actText`. Without it, the step-up is for whatever comes in five minutes. */
const act = z.string().regex(ACT_PATTERN).optional();

export const StepUpOptions = z.strictObject({ act });
export type StepUpOptions = z.infer<typeof StepUpOptions>;

/** Both factors again, by who is signed in: never a login, which the session says. */
export const StepUp = z.union([
  z.strictObject({ password, totp, act }),
  z.strictObject({ passkey: PasskeyAssertion, act }),
]);
export type StepUp = z.infer<typeof StepUp>;

export interface StepUpView {
  readonly steppedUpAt: string;
  readonly expiresAt: string;
}

export const SignOut = z.strictObject({ everywhere: z.boolean().default(false) });
export type SignOut = z.infer<typeof SignOut>;

export const SwitchSession = z.strictObject({ tenant: tenantId, purpose: StandingPurpose.optional() });
export type SwitchSession = z.infer<typeof SwitchSession>;

const passkeyName = z.string().trim().min(1).max(40);

export const AddPasskey = z.strictObject({ passkey: PasskeyAttestation, name: passkeyName });
export type AddPasskey = z.infer<typeof AddPasskey>;

export const RenamePasskey = z.strictObject({ name: passkeyName });
export type RenamePasskey = z.infer<typeof RenamePasskey>;

/** What an administrator gave: five groups of five, however they were typed. */
const enrolmentCode = z
  .string()
  .max(60)
  .transform((text) => readCode(text))
  .pipe(z.string().regex(CODE_PATTERN));

export const LookAtEnrolment = z.strictObject({ code: enrolmentCode });
export type LookAtEnrolment = z.infer<typeof LookAtEnrolment>;

/** A password and the first code of an authenticator that was given the seed of `lookAtEnrolment`. */
export const Enrol = z.strictObject({
  code: enrolmentCode,
  ticket: base64url(43).length(43),
  password: NewPassword,
  totp,
});
export type Enrol = z.infer<typeof Enrol>;

export const EnrolPasskey = z.strictObject({ code: enrolmentCode, passkey: PasskeyAttestation, name: passkeyName });
export type EnrolPasskey = z.infer<typeof EnrolPasskey>;

/** A request without content, sent as `{}`: a POST of ours is JSON, which no form of another site can send. */
export const Nothing = z.strictObject({});

/** The session that a request was made in, as far as its page needs to know. */
export interface SessionView {
  readonly user: { readonly id: string; readonly displayName: string };
  /** `timeZone` where the clinic has chosen one. IANA. */
  readonly tenant: { readonly id: string; readonly name: string; readonly locale: string; readonly timeZone?: string };
  readonly roles: readonly string[];
  readonly assurance: "aal1" | "aal2";
  /** What the session was declared to be for. */
  readonly purpose?: StandingPurpose;
  /** What the roles may work for at all. */
  readonly purposes: readonly StandingPurpose[];
  /**
   * What policy could ever permit these roles for this purpose, in the best of circumstances: the clinic's actions by
   * their names, and records as `Observation.create`. It hides what could never work, and decides nothing.
   */
  readonly can: readonly string[];
  /** Names the sign-in without being a secret: pages send it as `x-session-tag`, and are told when it is another one. */
  readonly tag: string;
  readonly idleExpiresAt: string;
  readonly expiresAt: string;
  /** Of both, what is left at the answer: a page whose clock is wrong counts from these. Milliseconds. */
  readonly idleLeftMs: number;
  readonly leftMs: number;
  readonly steppedUpUntil?: string;
  /** Of how many clinics the user is a member. */
  readonly clinics: number;
}

export interface ClinicName {
  readonly id: string;
  readonly name: string;
}

/** Both factors were right, and the user belongs to several clinics. */
export interface ClinicChoice {
  /** For `POST /session/sign-in/choose`, once and for two minutes. */
  readonly ticket: string;
  readonly clinics: readonly ClinicName[];
}

export type SignInAnswer = SessionView | { readonly choice: ClinicChoice };

/** Options for `navigator.credentials`, in WebAuthn's JSON: the browser reads them, and nothing of ours does. */
export interface PasskeyOptions {
  readonly options: { readonly challenge: string; readonly [member: string]: unknown };
  readonly expiresAt: string;
}

export interface PasskeyView {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly lastUsedAt?: string;
  /** Whether it is kept by a password manager or a platform's cloud, and outlives the device. */
  readonly isSynced: boolean;
}

export interface SignInView {
  readonly id: string;
  readonly isThis: boolean;
  readonly clinic: string;
  /** From a fixed list of names, `other` where none fits. */
  readonly browser: string;
  readonly system: string;
  readonly by: "password" | "passkey";
  /** `app` for a token of an application, such as the CLI. */
  readonly kind: "portal" | "app";
  readonly since: string;
  readonly lastSeenAt: string;
}

/** What an enrolment code opens. Whoever shows the code is told; nobody else is. */
export interface EnrolmentView {
  readonly displayName: string;
  readonly login: string;
  readonly clinic: string;
  /** `reset`: an administrator has taken away what the person signed in with before. */
  readonly for: "invite" | "reset";
  readonly expiresAt: string;
  /** For `enrol`, once. */
  readonly ticket: string;
  readonly totpSecret: string;
  readonly totpUri: string;
}

export interface SessionAnswers {
  readonly lookAtEnrolment: EnrolmentView;
  readonly enrol: SessionView;
  readonly enrolmentPasskeyOptions: PasskeyOptions;
  readonly enrolPasskey: SessionView;
  readonly signIn: SignInAnswer;
  readonly passkeySignInOptions: PasskeyOptions;
  readonly passkeySignIn: SignInAnswer;
  readonly chooseClinic: SessionView;
  readonly readSession: SessionView;
  readonly stepUpOptions: PasskeyOptions;
  readonly stepUp: StepUpView;
  readonly switchSession: SessionView;
  readonly listClinics: { readonly clinics: readonly (ClinicName & { readonly isCurrent: boolean })[] };
  readonly listSignIns: { readonly signIns: readonly SignInView[] };
  readonly endSignIn: void;
  readonly listPasskeys: { readonly passkeys: readonly PasskeyView[] };
  readonly passkeyOptions: PasskeyOptions;
  readonly addPasskey: PasskeyView;
  readonly renamePasskey: PasskeyView;
  readonly removePasskey: void;
  readonly signOut: void;
}
