/** A field as the server sends it: core/view/field-state.ts says what each state means. Nothing is masked here. */
export type FieldState<T = unknown> =
  | { readonly state: "value"; readonly value: T }
  | { readonly state: "masked"; readonly value: unknown }
  | { readonly state: "restricted"; readonly reason: Restriction; readonly howToAsk: WayToAsk }
  | { readonly state: "absent" }
  | { readonly state: "unavailable"; readonly reason?: string }
  | { readonly state: "stale"; readonly value: unknown; readonly asOf: string };

export type Restriction = "minimum-necessary" | "consent" | "no-right-of-access";
export type WayToAsk = "ask-the-clinician" | "ask-the-patient" | "privacy-officer";
