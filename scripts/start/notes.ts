import type { NoteChecksView, NoteView, StartNote } from "../../core/contract/index.ts";
import type { Api } from "../cli/api.ts";
import type { Resource } from "../seed/clinic.ts";

/** Texts of a note by the key of a template's section. */
type Sections = Readonly<Record<string, string>>;

/** What a physician writes for what somebody has come for. */
const TEXTS: readonly { readonly about: RegExp; readonly sections: Sections }[] = [
  {
    about: /cough|throat|ear|rash/i,
    sections: {
      history: "Began five days ago, first worse, now a little better. No fever at home. Has tried tea and rest.",
      exam: "Comfortable. Throat a little red without exudate. Ears clear. Lungs clear. No enlarged nodes.",
      assessment: "Most likely viral, no sign of a complication.",
      plan: "Fluids and rest. Come back if it lasts longer than ten days, or with fever above 38.5 C.",
    },
  },
  {
    about: /pain|migraine|sleep|breath|stitches/i,
    sections: {
      history:
        "On most days for three weeks, worse in the evening. No injury. Sleeps poorly since then. No new medicines.",
      exam: "Walks freely. No swelling, no redness. Strength and sensation equal on both sides. Heart and lungs normal.",
      assessment: "Probably strain. Nothing today that points to something more serious.",
      plan: "Rest it for two weeks, acetaminophen when needed. Back in three weeks, sooner if it wakes her or him at night.",
    },
  },
  {
    about: /./,
    sections: {
      history: "Feels well since the last visit. Takes the tablets most days, forgets them on weekends. No chest pain.",
      exam: "Heart regular, no murmur. Lungs clear. No swelling of the legs.",
      assessment: "Stable on the present treatment.",
      plan: "Go on as before. Blood pressure at home twice a week, and bring the list. Back in three months.",
    },
  },
];

/** How many of the newest visits get a note, and how many of those notes are signed. */
const NOTES = 5;
const SIGNED = 3;

/** What was found and agreed when the blood pressure was looked at again. */
const CHECK: Sections = {
  reason: "Blood pressure check. Ankles swell in the evening",
  history:
    "Takes amlodipine since the last visit. Ankles a little swollen in the evening, gone by the morning. Climbs two flights of stairs again.",
  exam: "Heart regular, no murmur. Lungs clear. Slight swelling at both ankles.",
  assessment: "Hypertension, better. Ankle swelling from amlodipine.",
  plan: "Amlodipine in the evening instead of the morning, the other tablets as before. Blood pressure at home twice a week, and bring the list. Back in six days. Call at once for chest pain or breathlessness at rest.",
};

/** What was found and agreed with somebody who gets short of breath, and what is for fewer eyes. */
const BREATHLESS: Sections = {
  reason: "Short of breath on the second flight of stairs",
  history: "Since the summer, slowly more. No chest pain at rest. Sleeps flat. Blood pressure at home about 142/86.",
  exam: "Heart regular, no murmur. Lungs clear. No swelling of the legs.",
  assessment: "Hypertension above target. Breathlessness on exertion, to be looked at by cardiology.",
  plan: "Amlodipine 5 mg in the morning, beside the tablets as before. Referral to cardiology. Blood pressure at home twice a week, and bring the list. Call at once for chest pain or breathlessness at rest.",
};
const COUNSELING: Sections = {
  reason: "Low mood",
  assessment: "Adjustment after retirement. No thoughts of self-harm.",
  plan: "A walk with the neighbors every week. Again in four weeks.",
};

const reasonOf = (encounter: Resource): string =>
  ((encounter["reasonCode"] ?? []) as readonly { readonly text: string }[])[0]?.text ?? "Check up";

interface Writing {
  readonly texts: Sections;
  readonly ends: "draft" | "signed" | "locked";
  readonly label?: StartNote["label"];
}

/** A note of a visit as far as it is to come, over the warnings that its author reads. */
async function writeNote(by: Api, encounter: string, { texts, ends, label }: Writing): Promise<void> {
  const note = await by.json<NoteView>({
    method: "POST",
    path: "/clinic/notes",
    body: { encounter, template: "progress", ...(label !== undefined && { label }) },
  });
  const sections = note.sections.map(({ key, title }) => ({ key, title, text: texts[key] ?? "" }));
  const saved = await by.json<{ readonly version: number; readonly draft: number }>({
    method: "PUT",
    path: `/clinic/notes/${note.id}`,
    body: { version: note.version, draft: 0, sections, attested: ["allergies-reviewed"] },
  });
  if (ends === "draft") return;
  const { checks } = await by.json<NoteChecksView>({ method: "GET", path: `/clinic/notes/${note.id}/checks` });
  const acknowledged = checks.filter(({ weight }) => weight === "should").map(({ rule }) => rule);
  await by.json({
    method: "POST",
    path: `/clinic/notes/${note.id}/sign`,
    body: { version: saved.version, draft: saved.draft, isLocking: ends === "locked", acknowledged },
  });
}

/**
 * A physician's notes of her newest visits, written as she would: some signed and locked, the newest still drafts.
 * @param encounters Her visits, in the order of time.
 */
export async function writeNotes(physician: Api, encounters: readonly Resource[]): Promise<void> {
  for (const [index, encounter] of encounters.slice(-NOTES).entries()) {
    const reason = reasonOf(encounter);
    const texts = TEXTS.find(({ about }) => about.test(reason))?.sections ?? {};
    const ends = index >= SIGNED ? "draft" : index === 0 ? "locked" : "signed";
    await writeNote(physician, encounter.id, { texts: { ...texts, reason }, ends });
  }
}

/** What is written of one visit of hers: a note, and one of a special category that stands apart. */
export async function writeVisit(physician: Api, encounter: Resource): Promise<void> {
  const texts = reasonOf(encounter).startsWith("Blood") ? CHECK : BREATHLESS;
  await writeNote(physician, encounter.id, { texts, ends: "locked" });
  await writeNote(physician, encounter.id, { texts: COUNSELING, ends: "locked", label: "PSY" });
}
