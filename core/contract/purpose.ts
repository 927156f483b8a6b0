import * as z from "zod";

/** What somebody works for. HL7 v3 PurposeOfUse and one of ours; core/policy lists the same. */
export const PurposeCode = z.enum(["TREAT", "HPAYMT", "HOPERAT", "ETREAT", "PATRQT", "HRESCH", "MLTRAINING"]);
export type PurposeCode = z.infer<typeof PurposeCode>;

/** What a session or a system can be for as a whole. An emergency is never one: it is said with each request. */
export const StandingPurpose = PurposeCode.exclude(["ETREAT"]);
export type StandingPurpose = z.infer<typeof StandingPurpose>;
