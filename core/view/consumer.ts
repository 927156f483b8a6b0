import type { Purpose } from "../policy/grant.ts";

/** Whom a view is made for. The order is that of the columns of the placement table. */
export const CONSUMERS = [
  "clinician",
  "nurse",
  "front-desk",
  "billing",
  "auditor",
  "patient",
  "integration",
  "referral-partner",
] as const;
export type Consumer = (typeof CONSUMERS)[number];

interface Rule {
  readonly role: string;
  readonly purposes: readonly Purpose[];
  readonly consumer: Consumer;
}

/**
 * Which view a role has for which purpose. A purpose that stands nowhere has none: who may do something for research may
 * still not look at a chart as a clinician does.
 */
const RULES: readonly Rule[] = [
  { role: "physician", purposes: ["TREAT", "ETREAT"], consumer: "clinician" },
  { role: "nurse", purposes: ["TREAT", "ETREAT"], consumer: "nurse" },
  { role: "front-desk", purposes: ["HOPERAT", "TREAT"], consumer: "front-desk" },
  { role: "billing", purposes: ["HPAYMT"], consumer: "billing" },
  { role: "auditor", purposes: ["HOPERAT"], consumer: "auditor" },
  { role: "patient", purposes: ["PATRQT"], consumer: "patient" },
  { role: "referral-partner", purposes: ["TREAT"], consumer: "referral-partner" },
  { role: "integration", purposes: ["HOPERAT", "TREAT", "HPAYMT"], consumer: "integration" },
];

/**
 * The view of whoever holds these roles and works for this purpose; undefined for one who has none. The first role that
 * fits decides, in the order of the rules: nothing of the request itself can choose.
 */
export const consumerOf = (roles: readonly string[], purpose: Purpose): Consumer | undefined =>
  RULES.find((rule) => roles.includes(rule.role) && rule.purposes.includes(purpose))?.consumer;
