import { getAllDataTypes, type Constraint, type InternalSchemaElement, type InternalTypeSchema } from "@medplum/core";
import { constraint, definedTypes, type ElementDefinition, typeDefinition } from "./definitions.ts";

/*
 * @medplum/core keeps the types it knows in one map for the process. Its own loader parses a whole StructureDefinition
 * (270 ms of CPU for the types here). We put a getter for each type instead, so that a type costs when it is first used.
 */

const constraintsOf = (keys: readonly string[]): Constraint[] =>
  keys.flatMap((key) => {
    const found = constraint(key);
    return found ? [{ key, severity: "error" as const, expression: found.expression, description: found.human }] : [];
  });

const elementSchema = (element: ElementDefinition): InternalSchemaElement => ({
  path: element.path,
  description: "",
  min: element.min,
  max: element.max,
  isArray: element.isArray,
  constraints: constraintsOf(element.constraints),
  type: element.types.map(({ code, targets }) => ({
    code,
    targetProfile: targets.map((target) => `http://hl7.org/fhir/StructureDefinition/${target}`),
  })),
});

function typeSchema(name: string): InternalTypeSchema | undefined {
  const definition = typeDefinition(name);
  return (
    definition && {
      name,
      type: name,
      path: definition.path,
      url: `http://hl7.org/fhir/StructureDefinition/${name}`,
      kind: definition.kind === "resource" ? "resource" : "complex-type",
      elements: Object.fromEntries(definition.elements.map((element) => [element.name, elementSchema(element)])),
      constraints: constraintsOf(definition.constraints),
      innerTypes: [],
    }
  );
}

const registered = new Set<string>();

/** Puts a getter in the map that builds the schema of a type, and with it makes known the types inside of it. */
function register(name: string): void {
  if (registered.has(name)) return;
  registered.add(name);
  const schemas = getAllDataTypes();
  Object.defineProperty(schemas, name, {
    configurable: true,
    enumerable: true,
    get(): InternalTypeSchema | undefined {
      const value = typeSchema(name);
      Object.defineProperty(schemas, name, { value, configurable: true, enumerable: true, writable: true });
      for (const element of typeDefinition(name)?.elements ?? []) {
        for (const type of element.types) {
          if (typeDefinition(type.name)?.kind === "inner") register(type.name);
        }
      }
      return value;
    },
  });
}

/**
 * Makes the types that we hold known to @medplum/core, each built on first use, and `name`, which may be an inner type
 * (`PatientContact`) of a definition that was read before. Idempotent.
 */
export function registerTypes(name: string): void {
  if (registered.size === 0) definedTypes().forEach(register);
  if (typeDefinition(name)) register(name);
}
