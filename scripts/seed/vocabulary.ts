/** What the synthetic clinic knows: codes of the field's systems, and words for names that belong to nobody. */

export const SYSTEMS = {
  snomed: "http://snomed.info/sct",
  loinc: "http://loinc.org",
  rxnorm: "http://www.nlm.nih.gov/research/umls/rxnorm",
  cvx: "http://hl7.org/fhir/sid/cvx",
  ucum: "http://unitsofmeasure.org",
  npi: "http://hl7.org/fhir/sid/us-npi",
  icd10: "http://hl7.org/fhir/sid/icd-10-cm",
} as const;

export const FAMILY_NAMES = [
  "Abernathy",
  "Bellweather",
  "Castellane",
  "Dunmore",
  "Eastbrook",
  "Fairbanks",
  "Greystone",
  "Hollander",
  "Ivanette",
  "Jarrow",
  "Kestrel",
  "Lindqvist",
  "Marchbank",
  "Norwood",
  "Oakhurst",
  "Pemberton",
  "Quillfeather",
  "Ravenswood",
  "Silverton",
  "Thornbury",
  "Underhill",
  "Vandermeer",
  "Westergaard",
  "Yarborough",
  "Zellner",
  "Okonjo",
  "Tanizaki",
  "Arocena",
  "Balasubram",
  "Haddadin",
] as const;
export const GIVEN_NAMES = {
  female: [
    "Adele",
    "Beatriz",
    "Chiyo",
    "Delphine",
    "Esme",
    "Farida",
    "Greta",
    "Hana",
    "Imani",
    "Josefa",
    "Keiko",
    "Lucinda",
    "Maren",
    "Nadia",
    "Odette",
    "Priya",
  ],
  male: [
    "Anselm",
    "Bastian",
    "Cyrus",
    "Dmitri",
    "Emeka",
    "Florian",
    "Gideon",
    "Hiro",
    "Ignacio",
    "Jonas",
    "Kofi",
    "Leander",
    "Matteo",
    "Nikhil",
    "Osman",
    "Piotr",
  ],
} as const;
export const STREETS = [
  "Alder Way",
  "Birch Lane",
  "Cedar Court",
  "Dogwood Drive",
  "Elm Street",
  "Foxglove Road",
  "Granite Avenue",
  "Harbor View",
] as const;
export const TOWNS = [
  { city: "Millbrook", state: "MA", postalCode: "01000" },
  { city: "Stonebridge", state: "MA", postalCode: "01001" },
  { city: "Lakehaven", state: "MA", postalCode: "01002" },
] as const;

export interface Coded {
  readonly code: string;
  readonly display: string;
}

export interface LabTest extends Coded {
  readonly unit: string;
  readonly mean: number;
  readonly deviation: number;
  readonly low: number;
  readonly high: number;
  readonly decimals: number;
}

export const LABS = {
  hba1c: {
    code: "4548-4",
    display: "Hemoglobin A1c/Hemoglobin.total in Blood",
    unit: "%",
    mean: 5.4,
    deviation: 0.3,
    low: 4,
    high: 5.6,
    decimals: 1,
  },
  glucose: {
    code: "2345-7",
    display: "Glucose [Mass/volume] in Serum or Plasma",
    unit: "mg/dL",
    mean: 92,
    deviation: 9,
    low: 70,
    high: 99,
    decimals: 0,
  },
  creatinine: {
    code: "2160-0",
    display: "Creatinine [Mass/volume] in Serum or Plasma",
    unit: "mg/dL",
    mean: 0.9,
    deviation: 0.15,
    low: 0.6,
    high: 1.3,
    decimals: 2,
  },
  ldl: {
    code: "13457-7",
    display: "Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation",
    unit: "mg/dL",
    mean: 108,
    deviation: 22,
    low: 0,
    high: 130,
    decimals: 0,
  },
  tsh: {
    code: "3016-3",
    display: "Thyrotropin [Units/volume] in Serum or Plasma",
    unit: "m[IU]/L",
    mean: 2.1,
    deviation: 0.8,
    low: 0.4,
    high: 4.5,
    decimals: 2,
  },
} as const satisfies Record<string, LabTest>;

export interface Illness extends Coded {
  readonly icd10: string;
  /** Years of age between which it may begin, and how likely it is to. */
  readonly from: number;
  readonly until: number;
  readonly chance: number;
  readonly isChronic: boolean;
  readonly medication?: Coded & { readonly dose: string };
  readonly labs: readonly (keyof typeof LABS)[];
  /** How far the labs lie from the healthy mean, in deviations. */
  readonly shift: number;
}

export const ILLNESSES: readonly Illness[] = [
  {
    code: "38341003",
    display: "Hypertensive disorder",
    icd10: "I10",
    from: 35,
    until: 75,
    chance: 0.34,
    isChronic: true,
    medication: { code: "314076", display: "lisinopril 10 MG Oral Tablet", dose: "1 tablet once a day" },
    labs: ["creatinine"],
    shift: 0.8,
  },
  {
    code: "44054006",
    display: "Diabetes mellitus type 2",
    icd10: "E11.9",
    from: 38,
    until: 72,
    chance: 0.14,
    isChronic: true,
    medication: {
      code: "860975",
      display: "24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet",
      dose: "1 tablet with the evening meal",
    },
    labs: ["hba1c", "glucose"],
    shift: 5,
  },
  {
    code: "55822004",
    display: "Hyperlipidemia",
    icd10: "E78.5",
    from: 40,
    until: 70,
    chance: 0.28,
    isChronic: true,
    medication: { code: "617310", display: "atorvastatin 20 MG Oral Tablet", dose: "1 tablet at bedtime" },
    labs: ["ldl"],
    shift: 2.2,
  },
  {
    code: "40930008",
    display: "Hypothyroidism",
    icd10: "E03.9",
    from: 30,
    until: 70,
    chance: 0.07,
    isChronic: true,
    medication: {
      code: "966224",
      display: "levothyroxine sodium 0.05 MG Oral Tablet",
      dose: "1 tablet before breakfast",
    },
    labs: ["tsh"],
    shift: 3,
  },
  {
    code: "195967001",
    display: "Asthma",
    icd10: "J45.909",
    from: 4,
    until: 30,
    chance: 0.11,
    isChronic: true,
    medication: {
      code: "745752",
      display: "200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler",
      dose: "2 puffs when needed",
    },
    labs: [],
    shift: 0,
  },
  {
    code: "43878008",
    display: "Streptococcal sore throat",
    icd10: "J02.0",
    from: 4,
    until: 40,
    chance: 0.22,
    isChronic: false,
    medication: {
      code: "308182",
      display: "amoxicillin 250 MG Oral Capsule",
      dose: "1 capsule three times a day for ten days",
    },
    labs: [],
    shift: 0,
  },
  {
    code: "68566005",
    display: "Urinary tract infectious disease",
    icd10: "N39.0",
    from: 18,
    until: 80,
    chance: 0.16,
    isChronic: false,
    labs: [],
    shift: 0,
  },
  {
    code: "44465007",
    display: "Sprain of ankle",
    icd10: "S93.409A",
    from: 10,
    until: 60,
    chance: 0.2,
    isChronic: false,
    labs: [],
    shift: 0,
  },
];

export const ALLERGENS: readonly (Coded & { readonly reaction: Coded })[] = [
  { code: "91936005", display: "Allergy to penicillin", reaction: { code: "247472004", display: "Wheal" } },
  { code: "91935009", display: "Allergy to peanut", reaction: { code: "39579001", display: "Anaphylaxis" } },
  { code: "300913006", display: "Shellfish allergy", reaction: { code: "418290006", display: "Itching" } },
];

export const VACCINES: readonly (Coded & { readonly everyYears: number; readonly fromAge: number })[] = [
  { code: "140", display: "Influenza, seasonal, injectable, preservative free", everyYears: 1, fromAge: 1 },
  { code: "113", display: "Td (adult), 5 Lf tetanus toxoid, preservative free, adsorbed", everyYears: 10, fromAge: 21 },
  { code: "121", display: "zoster live", everyYears: 60, fromAge: 60 },
];

export const STAFF = [
  { role: "physician", code: "112247003", display: "Medical doctor", prefix: "Dr." },
  { role: "physician", code: "112247003", display: "Medical doctor", prefix: "Dr." },
  { role: "nurse", code: "224535009", display: "Registered nurse", prefix: "" },
] as const;

export const ROOMS = ["Room 1", "Room 2", "Procedure room"] as const;

/** What a synthetic clinic books. */
export const VISIT_TYPES = [
  { name: "Follow-up", minutes: 20, tone: "blue" },
  { name: "New patient", minutes: 40, tone: "violet" },
  { name: "Annual physical", minutes: 40, tone: "green" },
  { name: "Same-day visit", minutes: 20, tone: "amber" },
  { name: "Vaccination", minutes: 10, tone: "teal" },
] as const;

/** Why people come, in the words of a front desk. */
export const REASONS = [
  "Blood pressure check",
  "Cough for a week",
  "Diabetes follow-up",
  "Ear pain",
  "Knee pain after running",
  "Lab results",
  "Medication refill",
  "Migraine",
  "New rash on both arms",
  "Physical for work",
  "Shortness of breath when climbing stairs",
  "Sore throat",
  "Stitches out",
  "Thyroid check",
  "Trouble sleeping",
  "Vaccination before travel",
] as const;
