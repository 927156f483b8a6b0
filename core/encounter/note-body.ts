import { createHash } from "node:crypto";
import * as z from "zod";
import {
  type Attestation,
  ATTESTATIONS,
  NoteSection,
  type NoteTemplate,
  NoteTemplate as NoteTemplateSchema,
} from "../contract/index.ts";

/**
 * What a note says, as it is stored, hashed and signed: the sections of its template with their texts. It carries its
 * template's demands, so that a template that is changed later changes no note.
 */
export const NoteBody = z.strictObject({
  format: z.literal(1),
  template: z.strictObject({ id: z.string(), name: z.string() }),
  sections: z.array(NoteSection.extend({ prompt: z.string().optional(), isRequired: z.boolean() })).min(1),
  asks: NoteTemplateSchema.shape.asks,
  attested: z.array(z.enum(ATTESTATIONS)),
  /** The last draft of each author that is in here, by account: one that is no newer holds nothing more. */
  taken: z.record(z.string(), z.int().min(1)),
});
export type NoteBody = z.infer<typeof NoteBody>;
export type BodySection = NoteBody["sections"][number];

/** The bytes that are stored and signed; the same body gives the same bytes. */
export function bytesOf(body: NoteBody): Buffer {
  const { format, template, sections, asks, attested, taken } = body;
  const ordered = {
    format,
    template: { id: template.id, name: template.name },
    sections: sections.map(({ key, title, prompt, isRequired, text, carried }) => ({
      key,
      title,
      ...(prompt !== undefined && { prompt }),
      isRequired,
      text,
      ...(carried && { carried }),
    })),
    asks: { vitals: asks.vitals, allergies: asks.allergies },
    attested: attested.toSorted(),
    taken: Object.fromEntries(Object.entries(taken).toSorted(([left], [right]) => (left < right ? -1 : 1))),
  };
  return Buffer.from(JSON.stringify(ordered), "utf8");
}

/** Undefined where the bytes are no body of a note. */
export function bodyOf(bytes: Uint8Array): NoteBody | undefined {
  try {
    const parsed = NoteBody.safeParse(JSON.parse(Buffer.from(bytes).toString("utf8")));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** SHA-256, hex. */
export const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** The note for whoever reads plain text. What was carried says from where; a section without a text is left out. */
export function plainTextOf({ sections }: NoteBody): string {
  const parts = sections
    .filter(({ text }) => text.trim() !== "")
    .map(({ title, text, carried }) => {
      const source = carried === undefined ? "" : ` [carried forward from the note of ${carried.at.slice(0, 10)}]`;
      return `${title}${source}\n${text.trim()}`;
    });
  return `${parts.join("\n\n")}\n`;
}

/** What a note begins with. */
export const bodyFrom = ({ id, name, sections, asks }: NoteTemplate): NoteBody => ({
  format: 1,
  template: { id, name },
  sections: sections.map(({ key, title, prompt, starter, isRequired }) => ({
    key,
    title,
    ...(prompt !== undefined && { prompt }),
    isRequired,
    text: starter ?? "",
  })),
  asks,
  attested: [],
  taken: {},
});

/** What an author may change of a body: the texts, what they were carried from, and what she attests. */
export interface Written {
  readonly sections: readonly NoteSection[];
  readonly attested: readonly Attestation[];
}

/**
 * The body with an author's texts. Sections stay those of the note: one that it does not have is refused (undefined), and
 * one that is left out keeps its text. Nobody says that a text was carried which the note does not know to be.
 */
export function withTexts(body: NoteBody, { sections, attested }: Written): NoteBody | undefined {
  const given = new Map(sections.map((section) => [section.key, section]));
  const known = new Set(body.sections.map(({ key }) => key));
  if (sections.some(({ key }) => !known.has(key))) return undefined;
  return {
    ...body,
    attested: [...attested],
    sections: body.sections.map((section) => {
      const written = given.get(section.key);
      if (written === undefined) return section;
      const { carried: _source, ...own } = section;
      const carried = carriedOf(section, written);
      return { ...own, text: written.text, ...(carried && { carried }) };
    }),
  };
}

/** The mark stays until its author confirms it, or the text is gone; it always names what it named. */
function carriedOf({ carried }: BodySection, written: NoteSection): NoteSection["carried"] {
  if (carried === undefined || written.text.trim() === "") return undefined;
  return { ...carried, isConfirmed: carried.isConfirmed || written.carried?.isConfirmed === true };
}

/** What the editor and the reader see of each section. */
export const textsOf = ({ sections }: NoteBody): NoteSection[] =>
  sections.map(({ key, title, text, carried }) => ({ key, title, text, ...(carried && { carried }) }));

export const isSameText = (left: Written, right: Written): boolean =>
  JSON.stringify([left.sections.map(essence), left.attested.toSorted()]) ===
  JSON.stringify([right.sections.map(essence), right.attested.toSorted()]);

const essence = ({ key, text, carried }: NoteSection) => [key, text, carried?.isConfirmed];
