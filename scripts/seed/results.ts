import type { Resource } from "./clinic.ts";
import { coding, TEST_META } from "./clinic.ts";
import { SYSTEMS } from "./vocabulary.ts";

interface Analyte {
  readonly code: string;
  readonly display: string;
  readonly unit: string;
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
  readonly flag: "N" | "L" | "H" | "HH";
}
interface Panel {
  readonly code: string;
  readonly display: string;
  readonly conclusion?: string;
  readonly analytes: readonly Analyte[];
}

/** What a laboratory sends back: codes of LOINC 2.78, units of UCUM, ranges of an adult. */
const PANELS: readonly [Panel, ...Panel[]] = [
  {
    code: "24323-8",
    display: "Comprehensive metabolic panel",
    conclusion: "Potassium confirmed by a second run.",
    analytes: [
      { code: "2951-2", display: "Sodium", unit: "mmol/L", value: 138, low: 136, high: 145, flag: "N" },
      { code: "2823-3", display: "Potassium", unit: "mmol/L", value: 6.2, low: 3.5, high: 5.1, flag: "HH" },
      { code: "2160-0", display: "Creatinine", unit: "mg/dL", value: 1.6, low: 0.6, high: 1.3, flag: "H" },
    ],
  },
  {
    code: "58410-2",
    display: "Complete blood count",
    analytes: [
      { code: "718-7", display: "Hemoglobin", unit: "g/dL", value: 10.9, low: 12, high: 16, flag: "L" },
      { code: "6690-2", display: "Leukocytes", unit: "10*3/uL", value: 6.4, low: 4, high: 11, flag: "N" },
      { code: "777-3", display: "Platelets", unit: "10*3/uL", value: 231, low: 150, high: 400, flag: "N" },
    ],
  },
  {
    code: "4548-4",
    display: "Hemoglobin A1c",
    analytes: [{ code: "4548-4", display: "Hemoglobin A1c", unit: "%", value: 6.1, high: 5.7, flag: "H" }],
  },
];

interface Ordered {
  readonly patientId: string;
  /** The Practitioner who ordered it, and who is to look at it. */
  readonly practitionerId: string;
  readonly atMs: number;
  readonly ownId: (kind: string) => string;
}

/** An order, the laboratory's values and its report, which waits for who ordered it. `index` chooses the panel. */
export function resultOf(index: number, { patientId, practitionerId, atMs, ownId }: Ordered): Resource[] {
  const panel = PANELS[index % PANELS.length] ?? PANELS[0];
  const subject = { reference: `Patient/${patientId}` };
  const code = coding(SYSTEMS.loinc, panel);
  const issued = new Date(atMs).toISOString();
  const common = { meta: TEST_META, subject };
  const category = [
    { coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory" }] },
  ];
  const values = panel.analytes.map((analyte, place): Resource => {
    const { low, high, unit, flag } = analyte;
    const quantity = (value: number) => ({ value, unit, system: SYSTEMS.ucum, code: unit });
    return {
      resourceType: "Observation",
      id: ownId(`lab-value-${String(place)}`),
      ...common,
      status: "final",
      category,
      code: coding(SYSTEMS.loinc, analyte),
      effectiveDateTime: issued,
      valueQuantity: quantity(analyte.value),
      referenceRange: [
        { ...(low !== undefined && { low: quantity(low) }), ...(high !== undefined && { high: quantity(high) }) },
      ],
      interpretation: [
        { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", code: flag }] },
      ],
    };
  });
  return [
    {
      resourceType: "ServiceRequest",
      id: ownId("lab-order"),
      ...common,
      status: "completed",
      intent: "order",
      code,
      requester: { reference: `Practitioner/${practitionerId}` },
      authoredOn: new Date(atMs - 86_400_000).toISOString(),
    },
    ...values,
    {
      resourceType: "DiagnosticReport",
      id: ownId("lab-report"),
      ...common,
      basedOn: [{ reference: `ServiceRequest/${ownId("lab-order")}` }],
      status: "final",
      category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0074", code: "LAB" }] }],
      code,
      effectiveDateTime: issued,
      issued,
      result: values.map(({ id }) => ({ reference: `Observation/${id}` })),
      ...(panel.conclusion !== undefined && { conclusion: panel.conclusion }),
    },
  ];
}
