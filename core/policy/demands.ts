import { hasPatientHome } from "../fhir/resource-types.ts";
import { isResourceType } from "../fhir/supported-types.ts";
import { RECORD_CLASSES, type RecordClass } from "../kernel/data-class.ts";
import { type Circumstances, consentOfAll, NEUTRAL, withoutPermits } from "./circumstances.ts";
import type { DecisionCircumstances, DecisionDemand, Standing } from "./decision-inputs.ts";

/** One thing that a request wants to do to one type of record. */
export interface Demand {
  /**
   * `export`: records that leave the clinic's screens in one piece, whether of one patient or of all. `disclose`: what
   * another organization is shown of one patient.
   */
  readonly action:
    | "read"
    | "vread"
    | "history"
    | "search"
    | "everything"
    | "export"
    | "disclose"
    | "create"
    | "update"
    | "delete"
    // What a patient adds in her own portal, and changes of it: no FHIR route asks these.
    | "contribute"
    | "amend";
  readonly type: string;
  /** The classes in which the record can lie: exact for a write, the type's candidates for a read. */
  readonly classes: readonly RecordClass[];
  /** The compartment, where the request names it. */
  readonly patientId?: string | undefined;
}

/** What holds between the member and each patient that a request names, or the one patient that it names. */
export type CircumstancesGiven = Circumstances | ReadonlyMap<string, Circumstances>;

export const isOfMany = (given: CircumstancesGiven): given is ReadonlyMap<string, Circumstances> =>
  given instanceof Map;

export const standingOf = (memberPatientId: string | undefined, patientId: string | undefined): Standing =>
  patientId === undefined ? "none" : patientId === memberPatientId ? "own" : "other";

/** What an event keeps of circumstances: the part that is not neutral, in one order. Undefined where nothing is left. */
export function recordedCircumstances(circumstances: Circumstances): DecisionCircumstances | undefined {
  const { consent, relationship, hold, emergency, delegation } = circumstances;
  const byClass = RECORD_CLASSES.flatMap((recordClass) => {
    const state = consent.byClass[recordClass];
    return state === "none" ? [] : [[recordClass, state] as const];
  });
  const ids = [...new Set(consent.ids)].toSorted().slice(0, 16);
  const recorded: DecisionCircumstances = {
    ...(byClass.length === 0 && ids.length === 0 ? {} : { consent: { ...Object.fromEntries(byClass), ids } }),
    ...(relationship === "open" ? {} : { relationship }),
    ...(hold === "none" ? {} : { hold }),
    ...(emergency === undefined ? {} : { emergency: emergency.id }),
    ...(delegation === undefined
      ? {}
      : {
          delegation: {
            id: delegation.id,
            roles: [...new Set(delegation.roles)].toSorted(),
            purposes: [...new Set(delegation.purposes)].toSorted(),
          },
        }),
  };
  return Object.keys(recorded).length === 0 ? undefined : recorded;
}

/** Of a patient about whom nothing was read: refused, whoever asks. */
const UNREAD: Circumstances = {
  consent: { byClass: consentOfAll("deny"), ids: [] },
  relationship: "absent",
  hold: "restricted",
};

/** Records of this type are in no patient's compartment, whichever is meant: nobody is treated by being in them. */
const isOfNobody = (type: string): boolean => isResourceType(type) && !hasPatientHome(type);

/** Of a demand that names no single patient: what forbids, and nothing that permits. */
const unnamed = (known: Circumstances, type: string): Circumstances =>
  withoutPermits({
    ...NEUTRAL,
    relationship: isOfNobody(type) ? "open" : known.relationship,
    ...delegationOf(known),
  });

/**
 * The circumstances that a demand is decided under. What is known of one patient never serves for another. A demand that
 * names none is about many, and a relationship to one of them is none to all; only a type that is never in a patient's
 * compartment asks for none.
 */
function circumstancesFor(
  given: CircumstancesGiven,
  { patientId, type }: Pick<Demand, "patientId" | "type">,
  isOneAlone: boolean,
): Circumstances {
  if (isOfMany(given)) {
    const [first = NEUTRAL] = given.values();
    return patientId === undefined ? unnamed(first, type) : (given.get(patientId) ?? UNREAD);
  }
  if (patientId === undefined) return unnamed(given, type);
  const isAbout = given.patientId === undefined ? isOneAlone : given.patientId === patientId;
  return isAbout ? given : withoutPermits(given);
}

const delegationOf = ({ delegation }: Circumstances) => (delegation === undefined ? {} : { delegation });

interface Recorded {
  readonly demands: DecisionDemand[];
  readonly circumstances: DecisionCircumstances[];
}

const CLASS_ORDER = (classes: readonly RecordClass[]): string =>
  RECORD_CLASSES.filter((recordClass) => classes.includes(recordClass)).join("");

/** Demands as a decision records them: types of one action, class list, patient and circumstances together, sorted. */
export function recordedDemands(
  demands: readonly Demand[],
  given: CircumstancesGiven,
  memberPatientId: string | undefined,
): Recorded {
  const named = new Set(demands.flatMap(({ patientId }) => (patientId === undefined ? [] : [patientId])));
  const groups = new Map<string, Omit<DecisionDemand, "types" | "under"> & { types: Set<string>; under: string }>();
  for (const demand of demands) {
    const { action, type, classes, patientId } = demand;
    const recorded = recordedCircumstances(circumstancesFor(given, demand, named.size <= 1));
    const under = recorded === undefined ? "" : JSON.stringify(recorded);
    const group = { action, classes: CLASS_ORDER(classes), patient: standingOf(memberPatientId, patientId), under };
    const key = JSON.stringify(group);
    const known = groups.get(key) ?? { ...group, types: new Set<string>() };
    known.types.add(type);
    groups.set(key, known);
  }
  const texts = [...new Set([...groups.values()].map(({ under }) => under))].filter((text) => text !== "").toSorted();
  const recorded = [...groups.entries()]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([, { under, types, ...group }]) => ({
      ...group,
      types: [...types].toSorted(),
      ...(under === "" ? {} : { under: texts.indexOf(under) }),
    }));
  return { demands: recorded, circumstances: texts.map((text) => JSON.parse(text) as DecisionCircumstances) };
}
