import type { NoteView, RegisterPatientAnswer, UploadView, VisitView } from "../../core/contract/index.ts";
import type { MemberSession } from "../start/member-session.ts";
import type { VisitScript } from "./clinics.ts";

/** What a clinic of the replay knows of itself: who has been there. */
export interface ClinicMemory {
  readonly patients: string[];
}

const LETTERS = "abcdefghij";
/** Digits as letters: a name has none. */
const spelled = (number: number): string => String(number).replaceAll(/\d/g, (digit) => LETTERS[Number(digit)] ?? "x");

const SECTIONS = [
  { key: "call", title: "Call", text: "Cough for five days, first worse, now a little better. No fever at home." },
  { key: "advice", title: "Advice", text: "Fluids and rest. Come back if it lasts longer than ten days." },
];

async function register(by: MemberSession, script: VisitScript): Promise<string> {
  const demographics = {
    family: `Synthetic-${spelled(script.number)}`,
    given: `Replay-${spelled(script.number + 17)}`,
    birthDate: script.birthDate,
    sex: "female",
    phones: [],
  };
  const answer = await by.json<RegisterPatientAnswer>({
    method: "POST",
    path: "/clinic/patients",
    body: { demographics },
  });
  if (answer.outcome === "registered") return answer.patient.id;
  throw new Error("the replay's patients resemble nobody");
}

async function fileLetter(by: MemberSession, patient: string, number: number): Promise<void> {
  const bytes = Buffer.from(
    `Letter ${String(number)}\n${"What the laboratory wrote, line by line.\n".repeat(number % 400)}`,
  );
  const { id, parts, partBytes } = await by.json<UploadView>({
    method: "POST",
    path: "/clinic/document-uploads",
    body: {
      patient,
      file: { name: "letter.txt", type: "text/plain", sizeBytes: bytes.length },
      type: "letter",
      title: "Letter",
    },
  });
  for (let part = 0; part < parts; part += 1) {
    const data = bytes.subarray(part * partBytes, (part + 1) * partBytes).toString("base64");
    await by.json({ method: "PUT", path: `/clinic/document-uploads/${id}/parts/${part}`, body: { data } });
  }
  await by.json({ method: "POST", path: `/clinic/document-uploads/${id}/commit` });
}

/** One visit as a physician's portal makes it: find or register, look, open, weigh, write, sign, file, look again. */
export async function visit(by: MemberSession, memory: ClinicMemory, script: VisitScript): Promise<void> {
  const { patients } = memory;
  const patient = script.isNew ? await register(by, script) : (patients[script.number % patients.length] ?? "");
  if (script.isNew) patients.push(patient);
  await by.json({ method: "POST", path: "/clinic/patients/search", body: { text: "Synthetic" } });
  await by.json({ method: "GET", path: `/clinic/patients/${patient}/view` });
  const { id: encounter } = await by.json<VisitView>({ method: "POST", path: "/clinic/visits", body: { patient } });
  if (script.hasWeight)
    await by.json({
      method: "POST",
      path: "/fhir/Observation",
      body: {
        resourceType: "Observation",
        status: "final",
        code: { coding: [{ system: "http://loinc.org", code: "29463-7", display: "Body weight" }] },
        subject: { reference: `Patient/${patient}` },
        effectiveDateTime: "2026-11-01T08:00:00Z",
        valueQuantity: {
          value: 50 + (script.number % 50),
          unit: "kg",
          system: "http://unitsofmeasure.org",
          code: "kg",
        },
      },
    });
  const note = await by.json<NoteView>({
    method: "POST",
    path: "/clinic/notes",
    body: { encounter, template: "telephone" },
  });
  await by.json({
    method: "PUT",
    path: `/clinic/notes/${note.id}`,
    body: { version: 1, draft: 0, sections: SECTIONS },
  });
  await by.json({
    method: "POST",
    path: `/clinic/notes/${note.id}/sign`,
    body: { version: 1, draft: 1, isLocking: script.number % 3 === 0 },
  });
  if (script.hasDocument) await fileLetter(by, patient, script.number);
  await by.json({ method: "GET", path: `/fhir/Observation?patient=${patient}` });
}
