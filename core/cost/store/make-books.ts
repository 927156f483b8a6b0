import { sha256Hex } from "../../audit/layout.ts";
import { ALLOCATION_POLICY } from "../allocation/policy.ts";
import { dayAfter, dayOf, dayOfMs, isMonth, type Month, monthOf, periodOfMonth } from "../period.ts";
import { BookWriter, type KeptDigests } from "./book-writer.ts";
import { readManifest } from "./books.ts";
import { correctionsOf, type DigestedSources, NO_CORRECTIONS } from "./corrections.ts";
import { toJson } from "./exact.ts";
import type { CostFiles } from "./files.ts";
import { digestsOfInputs, inputNames } from "./inputs.ts";
import { dayOfKey, DAYS, madeKey } from "./keys.ts";
import { keep, plainBytes, readPlain } from "./keep.ts";
import { makeMonth } from "./make-month.ts";
import { type BookOf, type Inputs, readAllInputs } from "./month.ts";
import { monthRoster } from "./roster.ts";
import { States } from "./roll.ts";

/** Closed months that are still looked at for what came to light of them: AWS's credits and our own entries come months later. */
export const MENDED_MONTHS = 13;

/** Of what a month's book was made, and what its files were then. The book is made again where the first is another. */
interface Made {
  /** Empty while it is being made. */
  readonly madeOf: string;
  readonly files: KeptDigests;
}

export interface MakeBooks {
  readonly of: BookOf;
  readonly nowMs: number;
  /** Until when all logs were read; an instant. */
  readonly asOf: string;
  readonly isTimeUp: () => boolean;
}

/**
 * The books of every open month, from its days and from what people put in. What came to light of closed months is booked in the
 * oldest open one. Gives the months whose books are made anew.
 */
export async function makeBooks(files: CostFiles, { of, nowMs, asOf, isTimeUp }: MakeBooks): Promise<Month[]> {
  const days = (await files.list(DAYS)).map(dayOfKey);
  const months = [...days.map(monthOf), monthOf(dayOfMs(nowMs))].filter(isMonth);
  const known = [...new Set(months)].toSorted().slice(-MENDED_MONTHS);
  const closed: Month[] = [];
  for (const month of known) if ((await readManifest(files, month)) !== undefined) closed.push(month);
  const open = known.filter((month) => !closed.includes(month));
  // Before they are read: what is put in between is in the book and looks as if it were not, which is seen; never the other way.
  const names = await inputNames(files);
  const inputs = await readAllInputs(files);
  const states = new States(files);

  const sourcesOf = async (month: Month): Promise<DigestedSources> => {
    const end = dayOf(periodOfMonth(month).end);
    const tomorrow = dayAfter(dayOfMs(nowMs));
    const roster = await monthRoster(files, month, tomorrow < end ? tomorrow : end, of.accountId);
    const { days: digests } = await states.of(month);
    const metered = Object.fromEntries(
      days.filter((day) => monthOf(day) === month).map((day) => [day, digests[day] ?? WRITTEN] as const),
    );
    const { codeVersion: _version, ...place } = of;
    const said = [
      metered,
      inputsOf(inputs, month),
      roster.entries,
      [...roster.tiers],
      [...roster.operations].toSorted(),
    ];
    return {
      sources: { month, of, roster, inputs, asOf, corrections: [] },
      metered,
      madeOf: sha256Hex(toJson([...said, place, ALLOCATION_POLICY.id])),
    };
  };

  const [mending, ...others] = open;
  const remade: Month[] = [];
  if (mending === undefined) return remade;
  const mended = await correctionsOf(files, { closed, month: mending, sourcesOf });
  for (const month of [mending, ...others]) {
    if (remade.length > 0 && isTimeUp()) break;
    const corrections = month === mending ? mended : NO_CORRECTIONS;
    const { sources, metered, madeOf: own } = await sourcesOf(month);
    const madeOf = sha256Hex(toJson([own, of.codeVersion, corrections.from]));
    const before = await readPlain<Made>(files, madeKey(month));
    if (before?.madeOf === madeOf) continue;
    // A run that dies leaves files that nobody knows of: the next one looks at each.
    await keep(files, madeKey(month), plainBytes({ madeOf: "", files: {} } satisfies Made));
    const writer = new BookWriter(files, before?.files ?? {});
    await makeMonth(files, writer, {
      sources: { ...sources, corrections: corrections.clinic },
      metered,
      today: dayOfMs(nowMs),
      // What a closed month is held against later: what is corrected in it is no part of its own.
      madeOf: own,
      corrections,
      inputs: digestsOfInputs(names, month),
    });
    await keep(files, madeKey(month), plainBytes({ madeOf, files: writer.digests } satisfies Made));
    remade.push(month);
  }
  return remade;
}

/** A day that no roll-up made: it stays as it is. */
const WRITTEN = "written";

const inputsOf = ({ entries, plans, bills }: Inputs, month: Month): unknown => [
  entries.filter(({ value }) => value.day.startsWith(month)),
  plans.filter(({ value }) => value.from <= month),
  bills.filter(({ value }) => value.month === month),
];
