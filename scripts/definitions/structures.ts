/** The parts of a StructureDefinition that we read. */
export interface StructureDefinition {
  resourceType: string;
  name: string;
  url: string;
  type: string;
  kind: string;
  abstract: boolean;
  baseDefinition?: string;
  snapshot: { element: ElementDefinition[] };
}

interface ElementDefinition {
  path: string;
  min: number;
  max: string;
  base: { path: string };
  isSummary?: boolean;
  contentReference?: string;
  type?: {
    code: string;
    targetProfile?: string[];
    profile?: string[];
    extension?: { url: string; valueUrl?: string }[];
  }[];
  constraint?: { key: string; severity: string; human: string; expression?: string }[];
  binding?: { strength: string; valueSet?: string };
}

const FHIR = "http://hl7.org/fhir/StructureDefinition/";
const FHIR_TYPE = `${FHIR}structuredefinition-fhir-type`;
const ABSTRACT = ["Element", "BackboneElement", "Resource", "DomainResource"];
/**
 * Checked by code instead of by FHIRPath: they hold for every element or resource (speed), or need functions that
 * @medplum/core stubs (`descendants`, `htmlChecks`) or answers by object identity (`intersect`, in obs-7).
 * core/fhir/README.md lists who checks each.
 */
const BY_CODE = new Set([
  "ele-1",
  "ext-1",
  "dom-2",
  "dom-3",
  "dom-4",
  "dom-5",
  "txt-1",
  "txt-2",
  "ref-1",
  "que-2",
  "obs-7",
]);
/** `resolve()` of a member needs the repository: refused or accepted there, not here. */
const NOT_CHECKED = new Set(["ctm-1"]);

const last = (text: string): string => text.slice(text.lastIndexOf("/") + 1);
const withoutVersion = (canonical: string): string => canonical.split("|")[0] ?? canonical;

interface Collected {
  structures: Record<string, string[]>;
  constraints: Record<string, [expression: string, human: string]>;
  /** Canonical URLs of the required bindings. */
  valueSets: string[];
}

/**
 * Turns snapshots into lines, one for each element:
 * `<path> <min>..<max> <types> [!<value set>] [{<constraint keys>}] [+]`, after a head line `<kind> <base> [{keys}]`;
 * `+` marks what a summary holds (top level only).
 * Types are joined by `|`; `Reference(Patient,Group)` names its targets, `@Observation.referenceRange` repeats a
 * content model. Elements inherited from an abstract base are left out: the reader adds the base's own.
 */
export function structureLines(definitions: StructureDefinition[], resourceTypes: readonly string[]): Collected {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  const collected: Collected = { structures: {}, constraints: {}, valueSets: [] };
  const valueSets = new Set<string>();
  const queue = [...ABSTRACT, ...resourceTypes];
  const dataTypes = new Set<string>();

  const keysOf = (element: ElementDefinition, inherited: ReadonlySet<string>): string => {
    const keys: string[] = [];
    for (const { key, severity, expression, human } of element.constraint ?? []) {
      if (severity !== "error" || BY_CODE.has(key) || NOT_CHECKED.has(key) || inherited.has(key) || !expression)
        continue;
      collected.constraints[key] = [expression, human];
      keys.push(key);
    }
    return keys.length === 0 ? "" : ` {${keys.join(",")}}`;
  };

  const typeText = (element: ElementDefinition): string => {
    if (element.contentReference)
      return `@${element.contentReference.slice(element.contentReference.indexOf("#") + 1)}`;
    return (element.type ?? [])
      .map((type) => {
        // R4 gives Resource.id the type string; resource.html#id and the examples mean id.
        if (element.path === "Resource.id") return "id";
        const code = type.extension?.find(({ url }) => url === FHIR_TYPE)?.valueUrl ?? type.code;
        if (type.targetProfile) return `${code}(${type.targetProfile.map(last).join(",")})`;
        const profile = type.profile?.map(last)[0];
        // MoneyQuantity and SimpleQuantity are profiles that act as types.
        const named = profile && byName.get(profile)?.type === code ? profile : code;
        if (/^[A-Z]/.test(named) && !ABSTRACT.includes(named)) dataTypes.add(named);
        return named;
      })
      .join("|");
  };

  const isInherited = (element: ElementDefinition, name: string): boolean => {
    const owner = element.base.path.split(".")[0] ?? "";
    return owner !== name && ABSTRACT.includes(owner);
  };

  const add = (name: string): void => {
    const definition = byName.get(name);
    if (!definition) throw new Error(`no StructureDefinition named ${name}`);
    const [root, ...elements] = definition.snapshot.element;
    if (!root) throw new Error(`no snapshot in ${name}`);
    const base = byName.get(last(definition.baseDefinition ?? ""));
    const baseKeys = new Set((base?.snapshot.element[0]?.constraint ?? []).map(({ key }) => key));
    const kind = definition.kind === "resource" ? "resource" : "type";
    const parent = ABSTRACT.includes(base?.name ?? "")
      ? (base?.name ?? "")
      : name === "Element" || name === "Resource"
        ? "-"
        : "Element";
    const lines = [`${kind} ${parent}${keysOf(root, new Set(parent === base?.name ? baseKeys : []))}`];
    for (const element of elements) {
      if (isInherited(element, name) && element.path.split(".").length === 2) continue;
      if (isInherited(element, name) && /\.(id|extension|modifierExtension)$/.test(element.path)) continue;
      let binding = "";
      if (element.binding?.strength === "required" && element.binding.valueSet) {
        const url = withoutVersion(element.binding.valueSet);
        valueSets.add(url);
        binding = ` !${last(url)}`;
      }
      const path = element.path.slice(element.path.indexOf(".") + 1);
      const summary = element.isSummary && !path.includes(".") ? " +" : "";
      lines.push(
        `${path} ${element.min}..${element.max} ${typeText(element)}${binding}${keysOf(element, new Set())}${summary}`,
      );
    }
    collected.structures[name] = lines;
  };

  for (const name of queue) add(name);
  for (;;) {
    const next = [...dataTypes].filter((name) => !(name in collected.structures)).toSorted()[0];
    if (next === undefined) break;
    add(next);
  }
  collected.valueSets = [...valueSets].toSorted();
  return collected;
}
