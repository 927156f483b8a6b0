import type { NoteTemplates, NoteTemplate, TemplateSection } from "../../../../../core/contract/index.ts";

export type Section = TemplateSection;

/** A key of ours for a title: letters and digits, and none that is taken. */
export function keyFor(title: string, taken: readonly string[]): string {
  const plain = title
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[-0-9]+|-+$/g, "")
    .slice(0, 30);
  const base = plain === "" ? "section" : plain;
  for (let number = 1; ; number += 1) {
    const key = number === 1 ? base : `${base}-${String(number)}`;
    if (!taken.includes(key)) return key;
  }
}

export const emptySection = (key: string, title: string): Section => ({
  key,
  title,
  isRequired: false,
  isCarried: false,
});

/** The list with one of its members moved by one place. */
export function moved<T>(all: readonly T[], from: number, by: -1 | 1): readonly T[] {
  const to = from + by;
  if (to < 0 || to >= all.length) return all;
  const others = all.filter((_each, index) => index !== from);
  return [...others.slice(0, to), ...all.slice(from, from + 1), ...others.slice(to)];
}

/** Without what was left empty: a prompt of no words is none. */
export const trimmed = ({ templates, snippets }: NoteTemplates): NoteTemplates => ({
  templates: templates.map((template): NoteTemplate => ({ ...template, sections: template.sections.map(plain) })),
  snippets: [...snippets],
});

const plain = ({ prompt, starter, ...section }: Section): Section => ({
  ...section,
  ...(prompt !== undefined && prompt.trim() !== "" && { prompt }),
  ...(starter !== undefined && starter.trim() !== "" && { starter }),
});
