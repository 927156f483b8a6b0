import {
  type Abilities,
  type Power,
  type Reach,
  REACH_ACTS,
  REACH_AREAS,
  type ReachAct,
  type ReachArea,
  type ReachCondition,
} from "../contract/admin-people.ts";
import { classesOfType, hasPatientHome } from "../fhir/resource-types.ts";
import type { ResourceType } from "../fhir/supported-types.ts";
import type { RecordClass } from "../kernel/data-class.ts";
import { type Abler, clinicActions, couldAct, groupedTypes, isConceivableFor } from "./abilities.ts";
import { authorize } from "./authorize.ts";
import { type Circumstances, consentOfAll, NEUTRAL } from "./circumstances.ts";
import type { Demand } from "./demands.ts";
import { type Purpose, PURPOSES } from "./grant.ts";

/**
 * What somebody could see and do, told so that an administrator can read it: asked of the policies themselves, question by
 * question, and never of a list of what roles are for. It decides nothing.
 */

const CLASS_OF: Readonly<Record<ReachArea, RecordClass>> = {
  demographics: "D",
  directory: "D",
  clinical: "C",
  segmented: "S",
  billing: "B",
};
const ACTIONS_OF: Readonly<Record<ReachAct, readonly Demand["action"][]>> = {
  see: ["read"],
  write: ["create", "update"],
  export: ["export"],
};
const SUPPOSED = "supposed";

/** FHIR R4 counts a Schedule to a patient's compartment; here it is of who treats, of a room or of a device. */
const isOfPatients = (type: ResourceType): boolean => hasPatientHome(type) && type !== "Schedule";

/** Of the patients of a clinic, or of nobody in particular. */
const isOfArea = (area: ReachArea, type: ResourceType): boolean =>
  classesOfType(type).includes(CLASS_OF[area]) &&
  (area === "directory" ? !isOfPatients(type) : area === "demographics" ? isOfPatients(type) : true);

interface Trial {
  readonly condition: ReachCondition;
  readonly circumstances: Circumstances;
  readonly patientId: string | undefined;
}

/** What is supposed in turn, from what holds without anything to what takes most: the first that is permitted is told. */
function trialsOf(area: ReachArea, { principal }: Abler, isRelationshipRequired: boolean): readonly Trial[] {
  const other = area === "directory" ? undefined : SUPPOSED;
  const plain = { ...NEUTRAL, relationship: isRelationshipRequired ? ("absent" as const) : ("open" as const) };
  const treating = { ...NEUTRAL, relationship: isRelationshipRequired ? ("present" as const) : ("open" as const) };
  const permitted = { ...treating, consent: { byClass: consentOfAll("permit"), ids: [] } };
  const emergency = { ...plain, emergency: { id: SUPPOSED, expiresAtMs: 0 } };
  return [
    { condition: "always", circumstances: plain, patientId: other },
    ...(isRelationshipRequired
      ? [{ condition: "relationship", circumstances: treating, patientId: other } as const]
      : []),
    { condition: "consent", circumstances: permitted, patientId: other },
    { condition: "emergency", circumstances: emergency, patientId: other },
    ...(principal.patientId === undefined
      ? []
      : [{ condition: "own-record", circumstances: plain, patientId: principal.patientId } as const]),
  ];
}

function conditionOf(
  abler: Abler,
  trials: readonly Trial[],
  purpose: Purpose,
  actions: readonly Demand["action"][],
  type: ResourceType,
  recordClass: RecordClass,
): ReachCondition | undefined {
  const { principal, isPrivacyOfficer } = abler;
  return trials.find(({ circumstances, patientId }) =>
    actions.some(
      (action) =>
        authorize(principal, [{ action, type, classes: [recordClass], patientId }], {
          purpose,
          isPrivacyOfficer,
          circumstances,
        }).ok,
    ),
  )?.condition;
}

function reachOf(abler: Abler, isRelationshipRequired: boolean): Reach[] {
  return REACH_AREAS.flatMap((area) => {
    const types = groupedTypes().flatMap(([type]) => (type !== undefined && isOfArea(area, type) ? [type] : []));
    const trials = trialsOf(area, abler, isRelationshipRequired);
    return REACH_ACTS.flatMap((act) =>
      PURPOSES.flatMap((purpose) => {
        const actions = ACTIONS_OF[act];
        if (!isConceivableFor(abler, purpose, "records", actions)) return [];
        const met = types.map((type) => conditionOf(abler, trials, purpose, actions, type, CLASS_OF[area]));
        const conditions = [...new Set(met.filter((condition) => condition !== undefined))];
        return conditions.map((condition): Reach => {
          const extent = met.every((each) => each === condition) ? "all" : "some";
          return { area, act, purpose, condition, extent };
        });
      }),
    );
  });
}

const powersOf = (abler: Abler): Power[] =>
  clinicActions().flatMap((action) => {
    const purposes = PURPOSES.filter((purpose) => couldAct(abler, purpose, action));
    if (purposes.length === 0) return [];
    const needsStepUp = !purposes.some((purpose) => couldAct(abler, purpose, action, false));
    return [{ action, purposes, needsStepUp }];
  });

const remembered = new Map<string, Abilities>();
const REMEMBERED_MAX = 200;

/**
 * What somebody could see, write and let out, and what else she could do in the clinic.
 * @param isRelationshipRequired Whether the clinic's settings ask for a treatment relationship.
 */
export function abilitySummary(abler: Abler, isRelationshipRequired: boolean): Abilities {
  const { roles, patientId } = abler.principal;
  const known = [[...new Set(roles)].toSorted(), patientId !== undefined, abler.isPrivacyOfficer];
  const key = JSON.stringify([...known, isRelationshipRequired]);
  const before = remembered.get(key);
  if (before !== undefined) return before;
  const summary = { reach: reachOf(abler, isRelationshipRequired), powers: powersOf(abler) };
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(key, summary);
  return summary;
}

const NOTHING: Abilities = { reach: [], powers: [] };

/** What stands in `some` and not in `others`. A condition that changes is both: the one is lost, the other gained. */
export function beyond(some: Abilities = NOTHING, others: Abilities = NOTHING): Abilities {
  const named = (reach: Reach): string =>
    JSON.stringify([reach.area, reach.act, reach.purpose, reach.condition, reach.extent]);
  const reached = new Set(others.reach.map(named));
  return {
    reach: some.reach.filter((reach) => !reached.has(named(reach))),
    powers: some.powers.flatMap((power) => {
      const other = others.powers.find(({ action }) => action === power.action);
      const purposes = power.purposes.filter((purpose) => other?.purposes.includes(purpose) !== true);
      return purposes.length === 0 ? [] : [{ ...power, purposes }];
    }),
  };
}
