import { routes } from "../contract/routes.ts";
import { StandingPurpose } from "../contract/purpose.ts";
import { classesOfType, hasPatientHome } from "../fhir/resource-types.ts";
import { RESOURCE_TYPES, type ResourceType } from "../fhir/supported-types.ts";
import type { Principal } from "../identity/principal.ts";
import type { Route } from "../contract/route.ts";
import type { RecordClass } from "../kernel/data-class.ts";
import { invariant } from "../kernel/invariant.ts";
import { classVerdicts, isActPermitted } from "./answer.ts";
import { authorizePlatform, bestFor, clinicInputs, purposeOf, recordsInputs, SUPPOSED } from "./authorize.ts";
import { type Circumstances, consentOfAll, NEUTRAL } from "./circumstances.ts";
import { createEngine, currentEngine, type Engine } from "./engine.ts";
import { PURPOSES } from "./grant.ts";
import { isConceivable, type Kind, rulesOf, sliceOf } from "./review/rules.ts";
import { currentPolicies } from "./version.ts";

/** Who asks, as far as it matters to what could ever be permitted. */
export interface Abler {
  readonly principal: Principal;
  readonly isPrivacyOfficer: boolean;
}

const RECORD_ACTIONS = ["read", "create", "update"] as const;
type RecordAction = (typeof RECORD_ACTIONS)[number];

const BEST: Circumstances = {
  consent: { byClass: consentOfAll("permit"), ids: [] },
  relationship: "present",
  hold: "none",
  emergency: { id: SUPPOSED, expiresAtMs: 0 },
};

/** The actions of the clinic's own routes. */
export const clinicActions = (): string[] => {
  const actions = Object.values<Route>(routes).flatMap(({ zone, action }) =>
    (zone === "clinic" || zone === "admin" || zone === "patient") && action !== null ? [action] : [],
  );
  return [...new Set(actions)].toSorted();
};

/** What somebody of the platform's own tenant could do in a browser there: the acts of finance, by their names. */
export function platformAbilitiesOf(principal: Principal): string[] {
  const actions = Object.values<Route>(routes).flatMap(({ zone, action }) =>
    zone === "finance" && action !== null ? [action] : [],
  );
  return [...new Set(actions)]
    .toSorted()
    .filter((action) => authorizePlatform(principal, action, { steppedUp: true }).ok);
}

interface Clue {
  readonly rule: ReturnType<typeof rulesOf>[number];
  /** The purposes that the rule's text names; all where it names none. */
  readonly purposes: ReadonlySet<string>;
  readonly isForOfficers: boolean;
}

let allRules: ReturnType<typeof rulesOf> | undefined;
const currentRules = (): ReturnType<typeof rulesOf> => (allRules ??= rulesOf(currentPolicies));

let clues: readonly Clue[] | undefined;

/** What the heads and texts of the rules that permit say before anything is asked. */
function readClues(): readonly Clue[] {
  clues ??= currentRules()
    .filter(({ isPermit }) => isPermit)
    .map((rule) => {
      const text = currentPolicies.policies[rule.id] ?? "";
      const named = PURPOSES.filter((purpose) => text.includes(`"${purpose}"`));
      const purposes = new Set<string>(named.length === 0 ? PURPOSES : named);
      return { rule, purposes, isForOfficers: text.includes("{ context.officer && ") };
    });
  return clues;
}

/**
 * Whether anything of the kind is conceivably permitted: a question to Cedar costs half a millisecond, and most of them
 * need not be asked. Errs towards asking; Cedar answers what is asked.
 */
export const isConceivableFor = (
  { principal, isPrivacyOfficer }: Abler,
  purpose: string,
  kind: "records" | "clinic",
  actions: readonly string[],
): boolean =>
  readClues().some(
    ({ rule, purposes, isForOfficers }) =>
      purposes.has(purpose) &&
      (isPrivacyOfficer || !isForOfficers) &&
      actions.some((action) => isConceivable([rule], kind, principal.roles, action)),
  );

const engines = new Map<string, Engine>();
const ENGINES_MAX = 64;

/**
 * An engine over the rules whose heads can match such roles: nobody is let in by this answer, and Cedar's time grows with
 * the rules that it is given. It keeps what it has parsed for good, so that the parts are counted; beyond, all rules are asked.
 */
function engineFor({ principal: { roles } }: Abler, kind: Kind): Engine {
  // What an assistant is asked for beside its own: the member that it acts for.
  if (roles.includes("assistant")) return currentEngine();
  const key = [kind, ...new Set(roles)].toSorted().join(" ");
  const known = engines.get(key);
  if (known !== undefined) return known;
  if (engines.size >= ENGINES_MAX) return currentEngine();
  const part = createEngine(sliceOf(currentPolicies, currentRules(), { kind, roles }));
  invariant(part !== undefined, "a part of the committed policies parses");
  engines.set(key, part);
  return part;
}

/** Whether a member could do an act for a purpose, whatever the circumstances; with or without both factors again. */
export function couldAct(abler: Abler, purpose: string, action: string, steppedUp = true): boolean {
  const { principal, isPrivacyOfficer } = abler;
  if (!isConceivableFor(abler, purpose, "clinic", [action])) return false;
  const patients = [undefined, SUPPOSED, ...(principal.patientId === undefined ? [] : [principal.patientId])];
  const stated = purposeOf(principal, purpose);
  if (!stated.ok) return false;
  const engine = engineFor(abler, "clinic");
  const options = { isPrivacyOfficer, steppedUp };
  return patients.some((patientId) =>
    [NEUTRAL, BEST].some((circumstances) =>
      isActPermitted(clinicInputs(principal, action, stated.value, { ...options, circumstances, patientId }), engine),
    ),
  );
}

let groups: readonly (readonly ResourceType[])[] | undefined;

/** Types that no rule can tell apart: of the same classes, and named by the same rules. One answer is the answer of all. */
export function groupedTypes(): readonly (readonly ResourceType[])[] {
  groups ??= [
    ...Map.groupBy(RESOURCE_TYPES, (type) => {
      const naming = Object.entries(currentPolicies.policies).flatMap(([id, text]) =>
        text.includes(`"${type}"`) ? [id] : [],
      );
      return JSON.stringify([classesOfType(type), hasPatientHome(type), naming]);
    }).values(),
  ];
  return groups;
}

function couldReach(abler: Abler, purpose: string): string[] {
  if (!isConceivableFor(abler, purpose, "records", RECORD_ACTIONS)) return [];
  const { principal, isPrivacyOfficer } = abler;
  const stated = purposeOf(principal, purpose);
  if (!stated.ok) return [];
  const engine = engineFor(abler, "records");
  // The member's own record, or one of somebody else.
  const isReached = (action: RecordAction, type: ResourceType, letter: RecordClass): boolean =>
    [principal.patientId, SUPPOSED].some((patientId) => {
      const demands = [{ action, type, classes: [letter], patientId }];
      const options = { isPrivacyOfficer, circumstances: bestFor(principal, demands) };
      return classVerdicts(recordsInputs(principal, demands, stated.value, options), engine).every(
        ({ allowed }) => allowed,
      );
    });
  const reached = new Map<ResourceType, readonly string[]>();
  for (const types of groupedTypes()) {
    const [type] = types;
    if (type === undefined) continue;
    const actions = RECORD_ACTIONS.filter((action) =>
      classesOfType(type).some((letter) => isReached(action, type, letter)),
    );
    for (const one of types) reached.set(one, actions);
  }
  return RESOURCE_TYPES.flatMap((type) => (reached.get(type) ?? []).map((action) => `${type}.${action}`));
}

const remembered = new Map<string, readonly string[]>();
const REMEMBERED_MAX = 500;

/**
 * What policy could ever permit somebody for a purpose, in the best of circumstances: with every consent, in an emergency,
 * treated by the member, stepped up, without a hold. Clinic actions by their names, records as `Observation.create`. What
 * is not in it is refused whatever happens; what is in it, policy still decides each time.
 */
export function abilitiesOf(abler: Abler, purpose: StandingPurpose): readonly string[] {
  const { roles, assurance, patientId } = abler.principal;
  const key = JSON.stringify([
    [...new Set(roles)].toSorted(),
    assurance,
    patientId !== undefined,
    abler.isPrivacyOfficer,
    purpose,
  ]);
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const can = [...clinicActions().filter((action) => couldAct(abler, purpose, action)), ...couldReach(abler, purpose)];
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(key, can);
  return can;
}

/**
 * The purposes that a session of somebody could be declared to be for: those in which the roles reach records, or may do
 * what they may do in no other. What is open in several, such as the clinic's hours and who works there, is nobody's work.
 */
export function purposesOf(abler: Abler): StandingPurpose[] {
  const each = StandingPurpose.options.map((purpose) => ({ purpose, can: abilitiesOf(abler, purpose) }));
  const isOwn = (ability: string): boolean => each.filter(({ can }) => can.includes(ability)).length === 1;
  return each
    .filter(({ can }) => can.some((ability) => IS_RECORD.test(ability) || isOwn(ability)))
    .map(({ purpose }) => purpose);
}

/** `Observation.create`, and no action of the clinic. */
const IS_RECORD = /^[A-Z]/;
