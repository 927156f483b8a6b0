/**
 * Words that a chart offers, each with its code of a public system. Whoever writes may always use words of her own: then
 * there is no code. A code that does not stand here cannot come in by a form.
 */
export interface Term {
  readonly code: string;
  readonly text: string;
}

interface Vocabulary {
  readonly system: string;
  readonly terms: readonly Term[];
}

const terms = (list: string): readonly Term[] =>
  list
    .trim()
    .split("\n")
    .map((line) => {
      const at = line.indexOf(" ");
      return { code: line.slice(0, at), text: line.slice(at + 1) };
    });

/** CDC, CVX code set as of 2025-09-03, vaccines in use in the United States. The code 998 is for refusals without a vaccine. */
const VACCINES = terms(`
03 MMR
94 MMRV
21 varicella
20 DTaP
106 DTaP, 5 pertussis antigens
110 DTaP-Hep B-IPV
120 DTaP-Hib-IPV
130 DTaP-IPV
146 DTaP,IPV,Hib,HepB
115 Tdap
113 Td (adult), 5 Lf tetanus toxoid, preservative free, adsorbed
10 IPV
48 Hib (PRP-T)
49 Hib (PRP-OMP)
83 Hep A, ped/adol, 2 dose
52 Hep A, adult
104 Hep A-Hep B
08 Hep B, adolescent or pediatric
43 Hep B, adult
189 HepB-CpG
116 rotavirus, pentavalent
119 rotavirus, monovalent
133 Pneumococcal conjugate PCV 13
215 Pneumococcal conjugate PCV15, polysaccharide CRM197 conjugate, adjuvant, PF
216 Pneumococcal conjugate PCV20, polysaccharide CRM197 conjugate, adjuvant, PF
327 Pneumococcal conjugate PCV21, polysaccharide CRM197 conjugate, PF
33 pneumococcal polysaccharide PPV23
165 HPV9
114 meningococcal MCV4P
136 Meningococcal MCV4O
203 meningococcal conjugate quadrivalent, MenACWY-TT (MCV4)
162 meningococcal B, recombinant
163 meningococcal B, OMV
316 Meningococcal polysaccharide (MenACWY-TT conjugate), (MenB), PF
187 zoster recombinant
140 Influenza, split virus, trivalent, PF
141 Influenza, split virus, trivalent, preservative
111 Influenza, live, trivalent, intranasal, PF
135 Influenza, high-dose, trivalent, PF
153 Influenza, MDCK, trivalent, PF
155 Influenza, recombinant, trivalent, PF
168 Influenza, adjuvanted, trivalent, PF
88 influenza, unspecified formulation
309 COVID-19, mRNA, LNP-S, PF, tris-sucrose, 30 mcg/0.3 mL
310 COVID-19, mRNA, LNP-S, PF, tris-sucrose, 10 mcg/0.3 mL
308 COVID-19, mRNA, LNP-S, PF, tris-sucrose, 3 mcg/0.3 mL
312 COVID-19, mRNA, LNP-S, PF, 50 mcg/0.5 mL
311 COVID-19, mRNA, LNP-S, PF, 25 mcg/0.25 mL
313 COVID-19, subunit, rS-nanoparticle, adjuvanted, PF, 5 mcg/0.5 mL
213 SARS-COV-2 (COVID-19) vaccine, UNSPECIFIED
303 RSV, recombinant, protein subunit RSVpreF, adjuvant reconstituted, 0.5 mL, PF
305 RSV, bivalent, protein subunit RSVpreF, diluent reconstituted, 0.5 mL, PF
326 RSV, mRNA, injectable, PF
306 RSV, mAb, nirsevimab-alip, 0.5 mL, neonate to 24 months
307 RSV, mAb, nirsevimab-alip, 1 mL, neonate to 24 months
18 rabies, intramuscular injection
25 typhoid, oral
101 typhoid, ViCPs
134 Japanese Encephalitis IM
37 yellow fever live
19 BCG`);

/** HL7 v3 RouteOfAdministration, as FHIR R4 valueset-immunization-route.html takes them. */
const ROUTES = terms(`
IM Injection, intramuscular
SQ Injection, subcutaneous
IDINJ Injection, intradermal
NASINHLC Inhalation, nasal
PO Swallow, oral
IVINJ Injection, intravenous
TRNSDERM Transdermal`);

/** HL7 v3 ActSite. */
const SITES = terms(`
LD left deltoid
RD right deltoid
LA left arm
RA right arm
LVL left vastus lateralis
RVL right vastus lateralis
LT left thigh
RT right thigh
LG left gluteus medius
RG right gluteus medius`);

/** HL7 v3 ActReason: why a vaccine was not given. FHIR R4 valueset-immunization-status-reason.html and its later members. */
const REFUSALS = terms(`
PATOBJ patient objection
IMMUNE immunity
MEDPREC medical precaution
OSTOCK product out of stock
PHILISOP philosophical objection
RELIG religious objection
VACEFF vaccine efficacy concerns
VACSAF vaccine safety concerns`);

/** SNOMED CT, clinical findings that an allergy shows itself by. */
const REACTIONS = terms(`
39579001 Anaphylaxis
41291007 Angioedema
247472004 Hives
271807003 Rash
418290006 Itching
267036007 Shortness of breath
56018004 Wheezing
49727002 Cough
422587007 Nausea
422400008 Vomiting
62315008 Diarrhea
25064002 Headache`);

/** RxNorm ingredients that are often reacted to. */
const ALLERGENS = terms(`
7980 Penicillin G
723 Amoxicillin
10180 Sulfamethoxazole
1191 Aspirin
5640 Ibuprofen
2670 Codeine
7052 Morphine
29046 Lisinopril`);

/** RxNorm ingredients that a clinic of general practice writes most often. The strength stands in the dosage's words. */
const MEDICATIONS = terms(`
29046 Lisinopril
52175 Losartan
17767 Amlodipine
5487 Hydrochlorothiazide
6918 Metoprolol
83367 Atorvastatin
36567 Simvastatin
6809 Metformin
10582 Levothyroxine
7646 Omeprazole
435 Albuterol
36437 Sertraline
25480 Gabapentin
8640 Prednisone
723 Amoxicillin
5640 Ibuprofen
1191 Aspirin`);

/** ICD-10-CM. */
const PROBLEMS = terms(`
I10 Essential (primary) hypertension
E11.9 Type 2 diabetes mellitus without complications
E78.5 Hyperlipidemia, unspecified
E03.9 Hypothyroidism, unspecified
J45.909 Unspecified asthma, uncomplicated
J44.9 Chronic obstructive pulmonary disease, unspecified
J30.9 Allergic rhinitis, unspecified
K21.9 Gastro-esophageal reflux disease without esophagitis
F32.A Depression, unspecified
F41.1 Generalized anxiety disorder
G43.909 Migraine, unspecified, not intractable, without status migrainosus
G47.33 Obstructive sleep apnea (adult) (pediatric)
I48.91 Unspecified atrial fibrillation
M54.50 Low back pain, unspecified
N18.30 Chronic kidney disease, stage 3 unspecified
D64.9 Anemia, unspecified`);

export const VOCABULARIES = {
  vaccine: { system: "http://hl7.org/fhir/sid/cvx", terms: VACCINES },
  route: { system: "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration", terms: ROUTES },
  site: { system: "http://terminology.hl7.org/CodeSystem/v3-ActSite", terms: SITES },
  refusal: { system: "http://terminology.hl7.org/CodeSystem/v3-ActReason", terms: REFUSALS },
  reaction: { system: "http://snomed.info/sct", terms: REACTIONS },
  allergen: { system: "http://www.nlm.nih.gov/research/umls/rxnorm", terms: ALLERGENS },
  medication: { system: "http://www.nlm.nih.gov/research/umls/rxnorm", terms: MEDICATIONS },
  problem: { system: "http://hl7.org/fhir/sid/icd-10-cm", terms: PROBLEMS },
} as const satisfies Readonly<Record<string, Vocabulary>>;
export type VocabularyName = keyof typeof VOCABULARIES;

/** The term of a code; undefined for one that the vocabulary does not hold. */
export const termOf = (name: VocabularyName, code: string): Term | undefined =>
  VOCABULARIES[name].terms.find((term) => term.code === code);
