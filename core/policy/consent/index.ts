/** The door of core/policy/consent: pure, and asks nobody anything. */
export { compileConsent, isPrivacyConsent } from "./compile.ts";
export {
  type CompiledConsent,
  type ConsentAction,
  consentName,
  CompiledConsent as CompiledConsentSchema,
  unreadableConsent,
  withConsent,
  withoutConsent,
} from "./compiled.ts";
export { describeEffect, type EffectLine, type MemberKind } from "./describe.ts";
export type { ConsentRuling, Inquiry, RecordFacts } from "./inquiry.ts";
export type { ConsentIssue, ConsentRuleName } from "./issue.ts";
export { isPart2, REDISCLOSURE_NOTICE } from "./labels.ts";
export { redactLabelled } from "./redact.ts";
export { ruleOn } from "./rule-on.ts";
