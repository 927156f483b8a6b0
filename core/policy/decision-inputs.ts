import * as z from "zod";
import { PurposeCode } from "../contract/purpose.ts";

/**
 * Everything that a decision was made from, without a name, an id of a patient or content: enough to ask Cedar again, in
 * six years, and get the same answer. Only what differs from the neutral case is written, so that an ordinary event stays
 * small. In one canonical form: sorted, grouped, nothing twice.
 */

const word = z.string().regex(/^[A-Za-z0-9._:-]{1,128}$/);
const consented = z.enum(["permit", "deny"]);

/** Whose record: the member's own, another patient's, or no single patient's. */
export const Standing = z.enum(["own", "other", "none"]);
export type Standing = z.infer<typeof Standing>;

export const DecisionCircumstances = z.strictObject({
  consent: z
    .strictObject({
      C: consented.optional(),
      S: consented.optional(),
      B: consented.optional(),
      D: consented.optional(),
      ids: z.array(word).max(16),
    })
    .optional(),
  relationship: z.enum(["present", "absent"]).optional(),
  hold: z.enum(["frozen", "restricted"]).optional(),
  /** Id of the active break-glass. */
  emergency: word.optional(),
  delegation: z
    .strictObject({ id: word, roles: z.array(word).max(8), purposes: z.array(PurposeCode).max(7) })
    .optional(),
});
export type DecisionCircumstances = z.infer<typeof DecisionCircumstances>;

export const DecisionDemand = z.strictObject({
  action: word,
  types: z.array(word).min(1).max(160),
  /** Letters of the classes asked for, in the order C, S, B, D. */
  classes: z.string().regex(/^C?S?B?D?$/),
  patient: Standing,
  /** Index into `circumstances`; absent for the neutral ones. */
  under: z.int().min(0).optional(),
});
export type DecisionDemand = z.infer<typeof DecisionDemand>;

const who = {
  roles: z.array(word).max(8),
  assurance: z.enum(["aal1", "aal2", "client"]),
  /** False where the token's scope, or for the platform the session's tenant, does not reach the route; absent where it does. */
  scoped: z.literal(false).optional(),
};

export const DecisionInputs = z.discriminatedUnion("ask", [
  z.strictObject({
    ask: z.literal("records"),
    ...who,
    purpose: PurposeCode,
    /** True for a privacy officer of the clinic. */
    officer: z.literal(true).optional(),
    /** True in a clinic whose checklist is not done with. */
    gated: z.literal(true).optional(),
    demands: z.array(DecisionDemand),
    circumstances: z.array(DecisionCircumstances).optional(),
  }),
  z.strictObject({
    ask: z.literal("clinic"),
    ...who,
    purpose: PurposeCode,
    officer: z.literal(true).optional(),
    gated: z.literal(true).optional(),
    action: word,
    patient: Standing,
    /** True for a second sign-in with both factors moments ago. */
    steppedUp: z.literal(true).optional(),
    circumstances: z.array(DecisionCircumstances).max(1).optional(),
  }),
  z.strictObject({
    ask: z.literal("platform"),
    ...who,
    action: word,
    /** True for a second sign-in with both factors moments ago. */
    steppedUp: z.literal(true).optional(),
  }),
  /** No policy was asked: a sign-in, or a request that did not say what it wants. */
  z.strictObject({ ask: z.literal("none") }),
]);
export type DecisionInputs = z.infer<typeof DecisionInputs>;
