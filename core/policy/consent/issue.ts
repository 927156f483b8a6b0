/**
 * Why a Consent is refused. `consent-element`: it says something that would not be enforced, so that storing it would be a
 * promise not kept; `consent-code`: a code that is not known here; `consent-reference`: an actor or record that cannot be
 * told; `consent-period`: a period that ends before it begins or does not read; `consent-empty`: active, and neither
 * permits nor denies anything; `consent-own-access`: it would keep a patient from her own record (45 CFR 164.524);
 * `consent-size`: more provisions than are judged in one request.
 */
export type ConsentRuleName =
  | "consent-element"
  | "consent-code"
  | "consent-reference"
  | "consent-period"
  | "consent-empty"
  | "consent-own-access"
  | "consent-size";

/** `path` is the FHIRPath of the element, without its value: `Consent.provision.provision[0].code`. */
export interface ConsentIssue {
  readonly kind: "business-rule";
  readonly rule: ConsentRuleName;
  readonly path: string;
}
