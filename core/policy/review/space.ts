import { RoleName } from "../../contract/platform.ts";
import { classesOfType } from "../../fhir/resource-types.ts";
import { RESOURCE_TYPES, type ResourceType } from "../../fhir/supported-types.ts";
import { RECORD_CLASSES, type RecordClass } from "../../kernel/data-class.ts";
import type { PolicySet } from "../policy-set.ts";
import type { Kind } from "./rules.ts";

/** Every role that a membership or a client can carry. */
export const ROLES = RoleName.options;

/** What is asked: each role, each action, each class through types that stand for all of theirs. */
export interface Space {
  readonly roles: readonly string[];
  readonly actions: Readonly<Record<Kind, readonly string[]>>;
  readonly types: Readonly<Record<RecordClass, readonly string[]>>;
}

/** The actions that sets of policies know, by what they are done to. */
function actionsOf(sets: readonly PolicySet[]): Readonly<Record<Kind, readonly string[]>> {
  const blocks = sets.flatMap(({ schema }) => [
    ...schema.matchAll(/action\s+([^{]*?)appliesTo\s*\{[^}]*resource:\s*\[(\w+)\]/g),
  ]);
  const of = (resource: string): string[] => [
    ...new Set(
      blocks
        .filter(([, , name]) => name === resource)
        .flatMap(([, list = ""]) => [...list.matchAll(/"([^"]+)"/g)].map(([, action = ""]) => action)),
    ),
  ];
  return { records: of("Records"), clinic: of("Clinic"), platform: of("Platform") };
}

/** Who stands for a group where it can: the types that a reader expects to see. */
const FAMILIAR: readonly ResourceType[] = ["Observation", "Claim", "Patient", "Practitioner"];

/**
 * One type for each group that no rule can tell apart: types of the same classes that the same rules name.
 */
function typesOf(sets: readonly PolicySet[]): Record<RecordClass, string[]> {
  const groups = new Map<string, ResourceType>();
  for (const type of [...FAMILIAR, ...RESOURCE_TYPES]) {
    const naming = sets.map(({ policies }) =>
      Object.entries(policies).flatMap(([id, text]) => (text.includes(`"${type}"`) ? [id] : [])),
    );
    const group = JSON.stringify([classesOfType(type), naming]);
    if (!groups.has(group)) groups.set(group, type);
  }
  const types: Record<RecordClass, string[]> = { C: [], S: [], B: [], D: [] };
  for (const recordClass of RECORD_CLASSES) {
    types[recordClass].push(...[...groups.values()].filter((type) => classesOfType(type).includes(recordClass)));
  }
  return types;
}

/** All that these sets can be asked, in which no two of them differ without a question that shows it. */
export const spaceOf = (sets: readonly PolicySet[]): Space => ({
  roles: ROLES,
  actions: actionsOf(sets),
  types: typesOf(sets),
});
