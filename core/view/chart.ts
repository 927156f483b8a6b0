import { isJsonObject, labelsOf, type FhirResource, type JsonObject, type ResourceType } from "../fhir/index.ts";
import { classOf } from "../fhir/index.ts";
import { listOf } from "./elements.ts";
import { isProjected } from "./projection.ts";

export const PSYCHOTHERAPY_LABEL = "PSYTHPN";
/** 42 CFR Part 2, and what else names substance use. */
export const SUBSTANCE_LABELS: readonly string[] = ["42CFRPart2", "SUD", "ETH", "ETHUD", "OPIOIDUD", "TBOO"];

/** A row of a section: the record that it is made of, and whether parts of it were taken out on the way here. */
export interface Source {
  readonly record: JsonObject;
  readonly isRedacted: boolean;
}

const OBSERVATION_VALUE = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";

/**
 * FHIR R4 resource.html#security-labels: `REDACTED` and `SUBSETTED` say that this is not all of the record. What the office
 * is not shown is subsetted too; which of its fields are withheld stands in the placements.
 */
export const isRedacted = ({ resourceType, meta }: FhirResource): boolean =>
  listOf(meta?.["security"])
    .concat(listOf(meta?.["tag"]))
    .some(
      ({ system, code }) =>
        (system === undefined || system === OBSERVATION_VALUE) &&
        (code === "REDACTED" || (code === "SUBSETTED" && !isProjected(resourceType))),
    );

export const sourceOf = (record: FhirResource): Source => ({ record, isRedacted: isRedacted(record) });
export const partOf = (record: unknown, whole: Source): Source => ({
  record: isJsonObject(record) ? record : {},
  isRedacted: whole.isRedacted,
});

/** A patient's records, sorted for the sections of a view. What is segmented stands in sections of its own alone. */
export class Chart {
  readonly patientId: string;
  readonly #open = new Map<ResourceType, FhirResource[]>();
  readonly #segmented: FhirResource[] = [];

  constructor(patientId: string, records: readonly FhirResource[]) {
    this.patientId = patientId;
    for (const record of records) {
      if (classOf(record) === "S") {
        this.#segmented.push(record);
        continue;
      }
      const known = this.#open.get(record.resourceType);
      if (known) known.push(record);
      else this.#open.set(record.resourceType, [record]);
    }
  }

  /** Records of the types that are not segmented, in the order in which they came. */
  of(...types: readonly ResourceType[]): FhirResource[] {
    return types.flatMap((type) => this.#open.get(type) ?? []);
  }

  get patient(): FhirResource | undefined {
    return this.of("Patient").find(({ id }) => id === this.patientId);
  }

  get psychotherapyNotes(): FhirResource[] {
    return this.#segmented.filter((record) => labelsOf(record).includes(PSYCHOTHERAPY_LABEL));
  }

  get substanceUse(): FhirResource[] {
    return this.#segmented.filter(
      (record) =>
        !labelsOf(record).includes(PSYCHOTHERAPY_LABEL) &&
        labelsOf(record).some((label) => SUBSTANCE_LABELS.includes(label)),
    );
  }

  get otherSegmented(): FhirResource[] {
    const elsewhere = new Set([...this.psychotherapyNotes, ...this.substanceUse]);
    return this.#segmented.filter((record) => !elsewhere.has(record));
  }
}
