import * as z from "zod";

/**
 * Why a field is withheld, and nothing of what it holds. `minimum-necessary`: the role has no need of it, 45 CFR
 * 164.502(b). `consent`: the patient has not permitted it, 42 CFR 2.31 and 45 CFR 164.522(a). `no-right-of-access`:
 * psychotherapy notes, 45 CFR 164.524(a)(1)(i).
 */
export const RESTRICTIONS = ["minimum-necessary", "consent", "no-right-of-access"] as const;
export type Restriction = (typeof RESTRICTIONS)[number];

/** What somebody can do who needs a field that is withheld. */
export const WAYS_TO_ASK = ["ask-the-clinician", "ask-the-patient", "privacy-officer"] as const;
export type WayToAsk = (typeof WAYS_TO_ASK)[number];

const asOf = z.iso.datetime();
const Restricted = z.strictObject({
  state: z.literal("restricted"),
  reason: z.enum(RESTRICTIONS),
  howToAsk: z.enum(WAYS_TO_ASK),
});
const Absent = z.strictObject({ state: z.literal("absent") });
const Unavailable = z.strictObject({ state: z.literal("unavailable"), reason: z.literal("not-read") });

/**
 * One field as a consumer gets it: `value`; `masked`, a part that still identifies; `restricted`, withheld whether or not
 * there is something; `absent`, nothing that this consumer can know of; `unavailable`, could not be read now; `stale`,
 * from a copy that is older than it should be.
 */
export const fieldOf = <V extends z.ZodType, M extends z.ZodType>(value: V, masked: M) =>
  z.discriminatedUnion("state", [
    z.strictObject({ state: z.literal("value"), value }),
    z.strictObject({ state: z.literal("masked"), value: masked }),
    Restricted,
    Absent,
    Unavailable,
    z.strictObject({ state: z.literal("stale"), value: z.union([value, masked]), asOf }),
  ]);

export type Field<T = unknown> =
  | { readonly state: "value"; readonly value: T }
  | { readonly state: "masked"; readonly value: unknown }
  | z.infer<typeof Restricted>
  | z.infer<typeof Absent>
  | z.infer<typeof Unavailable>
  | { readonly state: "stale"; readonly value: unknown; readonly asOf: string };

export const FIELD_STATES = ["value", "masked", "restricted", "absent", "unavailable", "stale"] as const;

export const ABSENT = { state: "absent" } as const;
export const UNAVAILABLE = { state: "unavailable", reason: "not-read" } as const;

const WAYS: Readonly<Record<Restriction, WayToAsk>> = {
  "minimum-necessary": "ask-the-clinician",
  consent: "ask-the-patient",
  "no-right-of-access": "privacy-officer",
};

/** The same bytes whatever is withheld. */
export const restricted = (reason: Restriction) => ({ state: "restricted", reason, howToAsk: WAYS[reason] }) as const;
