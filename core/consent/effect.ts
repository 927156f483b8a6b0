import { CHART_PARTS, type ChartPart, type ConsentParty, type EffectOnParty } from "../contract/index.ts";
import type { Principal } from "../identity/principal.ts";
import type { RecordClass } from "../kernel/data-class.ts";
import type { TenantId, UserId } from "../kernel/ids.ts";
import { type CompiledConsent, type ConsentRuling, ruleOn } from "../policy/consent/index.ts";
import { authorize, NEUTRAL, type Purpose, PURPOSES } from "../policy/index.ts";

/** Somebody of whom it is asked what she would see. */
export interface Party {
  readonly id: string;
  readonly kind: "user" | "client";
  readonly name: string;
  readonly roles: readonly string[];
  readonly practitionerId?: string | undefined;
}

interface Sample {
  readonly type: string;
  readonly dataClass: RecordClass;
  readonly labels: readonly string[];
}

/** One record that stands for each part of a chart. */
const SAMPLES: Readonly<Record<ChartPart, Sample>> = {
  clinical: { type: "Observation", dataClass: "C", labels: [] },
  billing: { type: "Claim", dataClass: "B", labels: [] },
  demographics: { type: "Patient", dataClass: "D", labels: [] },
  "mental-health": { type: "Observation", dataClass: "S", labels: ["MH"] },
  hiv: { type: "Observation", dataClass: "S", labels: ["HIV"] },
  "sexual-health": { type: "Observation", dataClass: "S", labels: ["SEX"] },
  genetic: { type: "Observation", dataClass: "S", labels: ["GDIS"] },
  violence: { type: "Observation", dataClass: "S", labels: ["VIO"] },
  "substance-use": { type: "Observation", dataClass: "S", labels: ["42CFRPart2"] },
  "therapy-notes": { type: "Observation", dataClass: "S", labels: ["PSYTHPN"] },
};

/** An emergency is nobody's standing purpose, and a consent does not stand in its way. */
const ASKED: readonly Purpose[] = PURPOSES.filter((purpose) => purpose !== "ETREAT" && purpose !== "PATRQT");

export interface EffectContext {
  readonly tenantId: TenantId;
  readonly patientId: string;
  readonly nowMs: number;
  /** Whether the clinic asks for a treatment relationship; the effect is told of who has one. */
  readonly parties: readonly Party[];
}

const principalOf = ({ id, kind, roles, practitionerId }: Party, tenantId: TenantId): Principal => ({
  kind,
  userId: id as UserId,
  tenantId,
  roles,
  assurance: kind === "client" ? "client" : "aal2",
  ...(practitionerId !== undefined && { practitionerId }),
  sessionId: "none",
  clientId: kind === "client" ? id : "none",
});

function rulingOf(
  consents: readonly CompiledConsent[],
  party: Party,
  purpose: Purpose,
  at: EffectContext,
): ConsentRuling {
  const isPartner = party.roles.includes("referral-partner");
  return ruleOn(consents, {
    tenantId: at.tenantId,
    userId: party.id as UserId,
    roles: party.roles,
    practitionerId: party.practitionerId,
    ...(party.kind === "client" && { clientId: party.id }),
    ...(isPartner && { onBehalfOf: party.id }),
    purpose,
    action: isPartner ? "disclose" : "access",
    nowMs: at.nowMs,
  });
}

/** The parts that the party would see under these consents: where policy permits the class and the consents the record. */
function seen(consents: readonly CompiledConsent[], party: Party, purpose: Purpose, at: EffectContext): Set<ChartPart> {
  const ruling = rulingOf(consents, party, purpose, at);
  const circumstances = { ...NEUTRAL, patientId: at.patientId, consent: { byClass: ruling.byClass, ids: [] } };
  const action = party.roles.includes("referral-partner") ? ("disclose" as const) : ("read" as const);
  const parts = CHART_PARTS.filter((part) => {
    const { type, dataClass, labels } = SAMPLES[part];
    const demand = { action, type, classes: [dataClass], patientId: at.patientId };
    const granted = authorize(principalOf(party, at.tenantId), [demand], { purpose, circumstances });
    const mayPass = granted.ok && granted.value.classes.includes(dataClass);
    return mayPass && ruling.permits({ type, id: "sample", dataClass, labels });
  });
  return new Set(parts);
}

/**
 * Who would gain or lose what, by the policy and the ruling that decide in earnest, for every member and system that is
 * active and each of their purposes. Changes alone; the patient herself keeps her own record (45 CFR 164.524), and what an
 * emergency opens is no consent's to close.
 */
export function effectsOf(
  before: readonly CompiledConsent[],
  after: readonly CompiledConsent[],
  at: EffectContext,
): readonly EffectOnParty[] {
  return at.parties.flatMap((party) =>
    ASKED.flatMap((purpose): EffectOnParty[] => {
      const was = seen(before, party, purpose, at);
      const becomes = seen(after, party, purpose, at);
      const gains = CHART_PARTS.filter((part) => becomes.has(part) && !was.has(part));
      const loses = CHART_PARTS.filter((part) => was.has(part) && !becomes.has(part));
      if (gains.length === 0 && loses.length === 0) return [];
      const who: ConsentParty = { kind: party.kind === "client" ? "system" : "person", id: party.id, name: party.name };
      return [{ party: who, roles: party.roles, purpose, gains, loses }];
    }),
  );
}
