/** Somebody made up, as the sign-in page of a stage on one's own machine shows her. No deployed stage answers with one. */
export interface DemoSignIn {
  readonly login: string;
  readonly name: string;
  readonly role: string;
  readonly clinic: string;
  /** The tenant's id. */
  readonly tenant: string;
  /** What this role works for by default. */
  readonly purpose: string;
  readonly password: string;
  /** A code that was not used yet. */
  readonly totp: string;
  /** How long from now until that code is taken: codes work once, and after two in half a minute one has to wait. */
  readonly waitMs: number;
}
