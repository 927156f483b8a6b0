import { useMemo } from "react";
import type { PatientRow, RestrictedPatientRow } from "../../../../core/contract/index.ts";
import { type Format, type Say, useFormat, useText } from "../../i18n/index.ts";
import { rowMessages } from "./row-messages.ts";

export type AnyRow = PatientRow | RestrictedPatientRow;

/** How a list says who somebody is. */
export interface RowWords {
  readonly say: Say<keyof typeof rowMessages.en>;
  readonly format: Format;
  readonly nameOf: (patient: PatientRow) => string;
  readonly bornOf: (patient: Pick<PatientRow, "birthDate">) => string;
  readonly sexOf: (sex: string | undefined) => string;
  /** Under a name in a list: date of birth with age, sex, record number. */
  readonly detailOf: (patient: PatientRow) => string;
}

const SEXES = ["female", "male", "other", "unknown"] as const;

const wordsOf = (say: RowWords["say"], format: Format): RowWords => {
  const bornOf: RowWords["bornOf"] = ({ birthDate }) =>
    birthDate === undefined
      ? say("notSaid")
      : say("bornAge", { date: format.date(birthDate), age: format.age(birthDate) });
  const sexOf: RowWords["sexOf"] = (sex) => {
    const known = SEXES.find((each) => each === sex);
    return known === undefined ? say("notSaid") : say(`sex.${known}`);
  };
  return {
    say,
    format,
    bornOf,
    sexOf,
    nameOf: ({ name }) => {
      const full = format.name(name);
      return name.preferred === undefined ? full : say("calledName", { name: full, preferred: name.preferred });
    },
    detailOf: (patient) =>
      [
        bornOf(patient),
        sexOf(patient.sex),
        ...(patient.recordNumber === undefined ? [] : [say("numberShort", { number: patient.recordNumber })]),
      ].join(" · "),
  };
};

/** The same object until the language or the clinic's zone changes. */
export function useRowWords(): RowWords {
  const [say, format] = [useText(rowMessages), useFormat()];
  return useMemo(() => wordsOf(say, format), [say, format]);
}
