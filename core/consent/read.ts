import type { ConsentParty, ConsentState, ConsentStatement, ConsentView } from "../contract/index.ts";
import { type FhirResource, stringifyJson } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { invariant } from "../kernel/invariant.ts";
import { compileConsent, type CompiledConsent } from "../policy/consent/index.ts";
import { readFormMark, readRevocationMark, revocationExtension, type RevocationMark } from "./marks.ts";

type Rule = NonNullable<CompiledConsent["rule"]>;
type Actor = NonNullable<Rule["actors"]>[number];

/** An active consent is told to end this long before it does. */
const EXPIRES_WITHIN_MS = 30 * 86_400_000;

export type NameOf = (id: string) => string | undefined;

const PARTY_KIND: Readonly<Record<Actor["kind"], ConsentParty["kind"]>> = {
  practitioner: "person",
  user: "person",
  client: "system",
  patient: "patient",
  role: "role",
  affiliation: "team",
  tenant: "clinic",
  "own-organization": "clinic",
  organization: "other-organization",
  "related-person": "team",
};

function partyOf({ kind, id }: Actor, nameOf: NameOf): ConsentParty {
  const name = nameOf(id);
  return { kind: PARTY_KIND[kind], id, ...(name !== undefined && { name }) };
}

/**
 * The statements of a rule, each with what the rules around it add: a statement holds only where all of them do. A list
 * that an inner rule has too is the narrower of both, which is the inner one's: both are stated only by hand-written
 * consents, and are marked as narrower.
 */
function statementsOf(rule: Rule, nameOf: NameOf, outer: Rule = {}): ConsentStatement[] {
  const merged: Rule = { ...outer, ...rule };
  const isNarrower =
    [merged.records, merged.authors, merged.dataFrom, merged.dataUntil, merged.actions, merged.confidentiality].some(
      (part) => part !== undefined,
    ) || (["actors", "classes", "labels", "purposes"] as const).some((name) => outer[name] && rule[name]);
  const own: ConsentStatement[] =
    rule.effect === undefined
      ? []
      : [
          {
            effect: rule.effect,
            parties: (merged.actors ?? []).map((actor) => partyOf(actor, nameOf)),
            classes: merged.classes ?? [],
            types: merged.types ?? [],
            labels: merged.labels ?? [],
            purposes: merged.purposes ?? [],
            isNarrower: isNarrower || (rule.exceptions?.length ?? 0) > 0,
          },
        ];
  const { effect: _effect, exceptions: _exceptions, ...around } = merged;
  return [...own, ...(rule.exceptions ?? []).flatMap((inner) => statementsOf(inner, nameOf, around))];
}

interface Bounds {
  readonly from?: number;
  readonly until?: number;
}

/** When anything of the rule holds: of the root, and where that is open of all those inside it. */
function boundsOf(rule: Rule): Bounds {
  const inner = (rule.exceptions ?? []).map(boundsOf);
  const isRootOpen = rule.effect !== undefined || inner.length === 0;
  const froms = inner.map(({ from }) => from);
  const untils = inner.map(({ until }) => until);
  const from = rule.from ?? (isRootOpen || froms.includes(undefined) ? undefined : Math.min(...(froms as number[])));
  const until =
    rule.until ?? (isRootOpen || untils.includes(undefined) ? undefined : Math.max(...(untils as number[])));
  return { ...(from !== undefined && { from }), ...(until !== undefined && { until }) };
}

function stateOf(resource: FhirResource, rule: Rule | undefined, { from, until }: Bounds, nowMs: number): ConsentState {
  if (resource["status"] !== "active") return "revoked";
  if (rule === undefined) return "no-effect";
  if (until !== undefined && nowMs >= until) return "expired";
  if (from !== undefined && nowMs < from) return "upcoming";
  return until !== undefined && until - nowMs <= EXPIRES_WITHIN_MS ? "expires" : "active";
}

/** A stored Consent as the portal shows it. What no longer compiles is told as what it is: it denies everything. */
export function viewOf(resource: FhirResource, nowMs: number, nameOf: NameOf): ConsentView {
  const { id, meta } = resource;
  invariant(id !== undefined, "a stored Consent has an id");
  const version = Number(meta?.["versionId"]);
  const mark = readFormMark(resource);
  const revoked = readRevocationMark(resource);
  // What is not active compiles to nothing: what it said is read as if it were, to show what was taken back.
  const said = compileConsent({ ...resource, status: "active" } as unknown as FhirResource, version);
  const rule = said.ok ? said.value.rule : undefined;
  const bounds = rule === undefined ? {} : boundsOf(rule);
  const isBroken = !said.ok && resource["status"] === "active";
  const by = (userId: string): ConsentParty => partyOf({ kind: "user", id: userId }, nameOf);
  const updated: unknown = meta?.["lastUpdated"];
  return {
    id,
    version,
    state: isBroken ? "not-computed" : stateOf(resource, rule, bounds, nowMs),
    ...(mark !== undefined && { form: mark.form, signature: mark.signature, recordedBy: by(mark.recordedBy) }),
    statements: rule === undefined ? [] : statementsOf(rule, nameOf),
    ...(bounds.from !== undefined && { from: toInstant(bounds.from) }),
    // Exclusive in rules; the last moment that it holds for people.
    ...(bounds.until !== undefined && { until: toInstant(bounds.until - 1) }),
    words: (["study", "discloser", "description", "expiry"] as const).flatMap((field) => {
      const text = mark?.[field];
      return text === undefined ? [] : [{ field, text }];
    }),
    recordedAt: mark?.recordedAt ?? (typeof updated === "string" ? updated : toInstant(nowMs)),
    ...(revoked !== undefined && {
      revocation: {
        at: revoked.at,
        by: by(revoked.by),
        reason: revoked.reason,
        ...(revoked.text !== undefined && { text: revoked.text }),
      },
    }),
  };
}

/** Ids of members and systems that the consents name, for who may know their names. */
export function namedIn(resources: readonly FhirResource[]): readonly string[] {
  const found = resources.flatMap((resource) => [...stringifyJson(resource).matchAll(/"([0-9a-z]{26})"/g)]);
  return [...new Set(found.map(([, id = ""]) => id))];
}

/** The same consent, taken back: inactive, so that it has no effect whatever it says. */
export const revokedOf = (resource: FhirResource, mark: RevocationMark): FhirResource => {
  const extensions: unknown = resource["extension"];
  return {
    ...resource,
    status: mark.reason === "recorded-in-error" ? "entered-in-error" : "inactive",
    extension: [...(Array.isArray(extensions) ? (extensions as unknown[]) : []), revocationExtension(mark)],
  } as unknown as FhirResource;
};
