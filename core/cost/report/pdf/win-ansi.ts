import { BOLD_WIDTHS, REGULAR_WIDTHS } from "./helvetica.ts";

/** Codes 0x80 to 0x9f of WinAnsiEncoding (ISO 32000-1 annex D.2); the others from 0x20 to 0xff are those of Unicode. */
const SPECIAL: ReadonlyMap<string, number> = new Map(
  Array.from("€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ").flatMap((letter, place) =>
    letter === "\0" ? [] : [[letter, 0x80 + place] as const],
  ),
);
const UNKNOWN = "?".charCodeAt(0);

export type FontWeight = "regular" | "bold";

export interface Encoded {
  readonly codes: readonly number[];
  /** False where a letter has no glyph in the font; the text itself goes beside it, for readers and for copying. */
  readonly isExact: boolean;
}

/** A text in the codes of the standard fonts. A line break or a tab is a blank. */
export function encodeWinAnsi(text: string): Encoded {
  let isExact = true;
  const codes = Array.from(text.normalize("NFC").replaceAll(/\s/g, " "), (letter) => {
    const code = letter.codePointAt(0) ?? 0;
    if ((code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code <= 0xff)) return code;
    const special = SPECIAL.get(letter);
    if (special === undefined) isExact = false;
    return special ?? UNKNOWN;
  });
  return { codes, isExact };
}

/** Width in points of a text in Helvetica. */
export function widthOf(text: string, sizePt: number, weight: FontWeight = "regular"): number {
  const widths = weight === "bold" ? BOLD_WIDTHS : REGULAR_WIDTHS;
  const units = encodeWinAnsi(text).codes.reduce((sum, code) => sum + (widths[code - 32] ?? 0), 0);
  return (units * sizePt) / 1_000;
}

/** Words on lines of at most `widthPt`; a word that is longer than a line is cut. */
export function wrapped(text: string, widthPt: number, sizePt: number, weight: FontWeight = "regular"): string[] {
  const lines: string[] = [];
  let line = "";
  const fits = (candidate: string): boolean => widthOf(candidate, sizePt, weight) <= widthPt;
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (fits(joined)) {
      line = joined;
      continue;
    }
    if (line !== "") lines.push(line);
    line = "";
    for (const letter of word) {
      if (line !== "" && !fits(line + letter)) {
        lines.push(line);
        line = "";
      }
      line += letter;
    }
  }
  return line === "" && lines.length > 0 ? lines : [...lines, line];
}
