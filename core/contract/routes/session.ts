import { KIB, session } from "../route-kinds.ts";
import type { Route } from "../route.ts";
import {
  AddPasskey,
  ChooseClinic,
  Enrol,
  EnrolPasskey,
  LookAtEnrolment,
  Nothing,
  PasskeySignIn,
  RenamePasskey,
  SignIn,
  SignOut,
  StepUp,
  StepUpOptions,
  SwitchSession,
} from "../session.ts";

/** Before there is a session: what is shown in the body decides. */
const door = { ...session, authentication: "none", idempotency: "natural" } as const;
/** Of the portal's own session: a token has no page, no passkeys and no clinic to change. */
const own = { ...session, authentication: "session" } as const;
const read = { ...own, idempotency: "safe", body: null, bodyLimitBytes: 0 } as const;
const write = { ...own, idempotency: "natural", bodyLimitBytes: 4 * KIB } as const;
const act = { ...write, body: null, bodyLimitBytes: 0 } as const;
/** A passkey's answer, with an attestation that we did not ask for and some browsers give. */
const CREDENTIAL_LIMIT = 48 * KIB;

/** Sign-in, the session itself, and what a user keeps to sign in with. */
export const sessionRoutes = {
  signIn: {
    ...door,
    method: "POST",
    path: "/session/sign-in",
    body: SignIn,
    bodyLimitBytes: 4 * KIB,
    summary: "Begins a session: password with TOTP",
  },
  passkeySignInOptions: {
    ...door,
    method: "POST",
    path: "/session/sign-in/passkey/options",
    body: Nothing,
    bodyLimitBytes: KIB,
    summary: "A challenge for a sign-in by passkey",
  },
  passkeySignIn: {
    ...door,
    method: "POST",
    path: "/session/sign-in/passkey",
    body: PasskeySignIn,
    bodyLimitBytes: CREDENTIAL_LIMIT,
    summary: "Begins a session: passkey",
  },
  chooseClinic: {
    ...door,
    method: "POST",
    path: "/session/sign-in/choose",
    body: ChooseClinic,
    bodyLimitBytes: KIB,
    summary: "Ends a sign-in that left the choice of a clinic",
  },
  lookAtEnrolment: {
    ...door,
    method: "POST",
    path: "/session/enrolment",
    body: LookAtEnrolment,
    bodyLimitBytes: KIB,
    summary: "What an enrolment code opens, with a seed for an authenticator",
  },
  enrol: {
    ...door,
    method: "POST",
    path: "/session/enrolment/password",
    body: Enrol,
    bodyLimitBytes: 4 * KIB,
    summary: "Uses an enrolment code: password with TOTP, and signs in",
  },
  enrolmentPasskeyOptions: {
    ...door,
    method: "POST",
    path: "/session/enrolment/passkey/options",
    body: LookAtEnrolment,
    bodyLimitBytes: KIB,
    summary: "A challenge for a passkey that an enrolment code makes",
  },
  enrolPasskey: {
    ...door,
    method: "POST",
    path: "/session/enrolment/passkey",
    body: EnrolPasskey,
    bodyLimitBytes: CREDENTIAL_LIMIT,
    summary: "Uses an enrolment code: passkey, and signs in",
  },
  readSession: { ...read, method: "GET", path: "/session", summary: "Who is signed in, for what, and for how long" },
  stepUpOptions: {
    ...write,
    method: "POST",
    path: "/session/step-up/options",
    body: StepUpOptions,
    summary: "A challenge for a step-up by passkey",
  },
  stepUp: {
    ...session,
    authentication: "any",
    method: "POST",
    path: "/session/step-up",
    idempotency: "natural",
    body: StepUp,
    bodyLimitBytes: CREDENTIAL_LIMIT,
    summary: "Both factors again, for what asks for a step-up",
  },
  switchSession: {
    ...write,
    method: "POST",
    path: "/session/switch",
    body: SwitchSession,
    summary: "Goes on in another clinic, or for another purpose",
  },
  listClinics: { ...read, method: "GET", path: "/session/clinics", summary: "The clinics that the user belongs to" },
  listSignIns: { ...read, method: "GET", path: "/session/sign-ins", summary: "Where the user is signed in" },
  endSignIn: { ...act, method: "DELETE", path: "/session/sign-ins/{id}", summary: "Ends one of them" },
  listPasskeys: { ...read, method: "GET", path: "/session/passkeys", summary: "The user's passkeys" },
  passkeyOptions: {
    ...write,
    method: "POST",
    path: "/session/passkeys/options",
    body: Nothing,
    summary: "A challenge for a new passkey; wants a step-up",
  },
  addPasskey: {
    ...write,
    method: "POST",
    path: "/session/passkeys",
    body: AddPasskey,
    bodyLimitBytes: CREDENTIAL_LIMIT,
    summary: "Registers the passkey that the challenge was made for",
  },
  renamePasskey: {
    ...write,
    method: "PUT",
    path: "/session/passkeys/{id}",
    body: RenamePasskey,
    summary: "Renames a passkey",
  },
  removePasskey: {
    ...act,
    method: "DELETE",
    path: "/session/passkeys/{id}",
    summary: "Removes a passkey and ends its sign-ins; wants a step-up",
  },
  signOut: {
    ...session,
    authentication: "any",
    method: "POST",
    path: "/session/sign-out",
    endsSession: true,
    idempotency: "natural",
    body: SignOut,
    bodyLimitBytes: 4 * KIB,
    summary: "Ends this session, or all of the user's",
  },
} as const satisfies Record<string, Route>;
