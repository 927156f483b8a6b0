import type { Shown } from "../contract/chart.ts";
import type { OwnRecord } from "../contract/patient-portal.ts";
import { READABLE_WORDS, type ReadableWords } from "./readable-words.ts";

/** The own record as one page to read and print: plain HTML without a script, a link or anything from elsewhere. */

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => ESCAPES[letter] ?? "");

const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}" +
  "h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem;border-bottom:1px solid #767676}" +
  "li{margin:.4rem 0}pre{white-space:pre-wrap;font:inherit}small{color:#4a4a4a}";

export interface ReadableOptions {
  readonly language: "en" | "es";
  readonly clinic: string;
  /** IANA. */
  readonly zone: string;
}

type Line = readonly (string | undefined)[];

export function readableRecord(record: OwnRecord, { language, clinic, zone }: ReadableOptions): string {
  const words = READABLE_WORDS[language];
  const locale = language === "es" ? "es-US" : "en-US";
  const day = (text: string | undefined): string | undefined => {
    if (text === undefined) return undefined;
    // A date without a time is a day and no instant: it must not slip over midnight.
    const isDay = text.length <= 10;
    const ms = Date.parse(isDay ? text.padEnd(10, "-01").concat("T12:00:00Z") : text);
    if (Number.isNaN(ms)) return text;
    if (isDay && text.length < 10) return text;
    const options = { year: "numeric", month: "long", day: "numeric", timeZone: isDay ? "UTC" : zone } as const;
    return new Intl.DateTimeFormat(locale, options).format(ms);
  };
  const lines = <T>(list: Shown<readonly T[]>, line: (item: T) => Line): string => listed(list, line, words);
  const value = (field: Shown<string>): string | undefined => (field.state === "value" ? field.value : undefined);
  const noneKnown = record.allergies.noneKnown.length > 0 ? `<p>${escaped(words.noneKnown)}</p>` : "";
  const sections: readonly (readonly [string, string])[] = [
    [
      words.allergies,
      noneKnown +
        lines(record.allergies.items, (item) => [
          item.substance.text,
          item.reactions.map(({ manifestation }) => manifestation.text).join(", ") || undefined,
          item.isActive ? undefined : words.notActive,
        ]),
    ],
    [
      words.medications,
      lines(record.medications, (item) => [
        item.medication.text,
        item.dosage,
        item.isActive ? undefined : words.notActive,
      ]),
    ],
    [
      words.problems,
      lines(record.problems, (item) => [
        item.problem.text,
        day(item.onset),
        item.isActive ? undefined : words.notActive,
      ]),
    ],
    [words.immunizations, lines(record.immunizations, (item) => [item.vaccine.text, day(item.date)])],
    [
      words.vitals,
      lines(record.vitals, ({ at, cells }) => [
        day(at),
        cells
          .filter(({ state }) => state !== "entered-in-error")
          .map(({ measure, shown }) => `${words.measures[measure] ?? measure} ${shown.us.value} ${shown.us.label}`)
          .join("; "),
      ]),
    ],
    [
      words.results,
      lines(record.results, (item) => [
        item.name,
        [item.value, item.unit].filter((part) => part !== undefined).join(" "),
        item.range === undefined ? undefined : `${words.range} ${item.range}`,
        day(item.date),
      ]),
    ],
    [
      words.notes,
      record.notes.state === "value"
        ? record.notes.value
            .map(
              ({ title, date, author, text = "" }) =>
                `<h3>${escaped(title)}</h3><p><small>${escaped([day(date), author].filter(Boolean).join(", "))}</small></p><pre>${escaped(text)}</pre>`,
            )
            .join("")
        : listed(record.notes, () => [], words),
    ],
    ...(record.protectedItems.state === "absent"
      ? []
      : [
          [
            words.protectedItems,
            lines(record.protectedItems, ({ summary, date, text }) => [summary, day(date), text]),
          ] as const,
        ]),
  ];
  const head = [value(record.name), day(value(record.birthDate))].filter((part) => part !== undefined);
  const made = words.made.replace("{clinic}", clinic).replace("{day}", day(record.at) ?? "");
  return (
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8">` +
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">` +
    `<title>${escaped(words.title)}</title><style>${STYLE}</style></head><body>` +
    `<h1>${escaped(words.title)}</h1><p>${escaped(head.join(" · "))}</p><p><small>${escaped(made)}</small></p>` +
    sections.map(([title, body]) => `<h2>${escaped(title)}</h2>${body}`).join("") +
    "</body></html>"
  );
}

/** A list in its state: what could not be read says so, and is no empty list. */
function listed<T>(list: Shown<readonly T[]>, line: (item: T) => Line, words: ReadableWords): string {
  if (list.state === "restricted") return `<p>${escaped(words.restricted)}</p>`;
  if (list.state === "unavailable") return `<p>${escaped(words.unavailable)}</p>`;
  if (list.state !== "value" && list.state !== "stale") return `<p>${escaped(words.none)}</p>`;
  const items = (list.value as readonly T[]).map((item) => {
    const parts = line(item).filter((part): part is string => part !== undefined && part !== "");
    return `<li>${parts.map(escaped).join(" — ")}</li>`;
  });
  return `<ul>${items.join("")}</ul>`;
}
