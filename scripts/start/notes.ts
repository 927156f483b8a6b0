import type { NoteChecksView, NoteView } from "../../core/contract/index.ts";
import type { Api } from "../cli/api.ts";
import type { Resource } from "../seed/clinic.ts";

/** What a physician writes, by the key of a template's section, for what somebody has come for. */
const TEXTS: readonly { readonly about: RegExp; readonly sections: Readonly<Record<string, string>> }[] = [
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

const reasonOf = (encounter: Resource): string =>
  ((encounter["reasonCode"] ?? []) as readonly { readonly text: string }[])[0]?.text ?? "Check up";

/**
 * A physician's notes of her newest visits, written as she would: some signed and locked, the newest still drafts.
 * @param encounters Her visits, in the order of time.
 */
export async function writeNotes(physician: Api, encounters: readonly Resource[]): Promise<void> {
  const newest = encounters.slice(-NOTES);
  for (const [index, encounter] of newest.entries()) {
    const note = await physician.json<NoteView>({
      method: "POST",
      path: "/clinic/notes",
      body: { encounter: encounter.id, template: "progress" },
    });
    const reason = reasonOf(encounter);
    const texts = TEXTS.find(({ about }) => about.test(reason))?.sections ?? {};
    const sections = note.sections.map(({ key, title }) => ({
      key,
      title,
      text: key === "reason" ? reason : (texts[key] ?? ""),
    }));
    const saved = await physician.json<{ readonly version: number; readonly draft: number }>({
      method: "PUT",
      path: `/clinic/notes/${note.id}`,
      body: { version: note.version, draft: 0, sections, attested: ["allergies-reviewed"] },
    });
    if (index >= SIGNED) continue;
    const { checks } = await physician.json<NoteChecksView>({ method: "GET", path: `/clinic/notes/${note.id}/checks` });
    const acknowledged = checks.filter(({ weight }) => weight === "should").map(({ rule }) => rule);
    await physician.json({
      method: "POST",
      path: `/clinic/notes/${note.id}/sign`,
      body: { version: saved.version, draft: saved.draft, isLocking: index === 0, acknowledged },
    });
  }
}
