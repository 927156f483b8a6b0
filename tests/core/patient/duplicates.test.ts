import { describe, expect, it } from "vitest";
import type { Demographics, DuplicateRule } from "../../../core/contract/index.ts";
import { compare, likenessOf, likenessOfPatient, patientFrom } from "../../../core/patient/index.ts";

const form = (more: Partial<Demographics> = {}): Demographics => ({
  family: "Núñez",
  given: "María",
  birthDate: "1980-03-04",
  sex: "female",
  phones: [{ number: "+1 617 555 0117", use: "mobile" }],
  email: "maria@example.org",
  ...more,
});
const against = (more: Partial<Demographics>): readonly DuplicateRule[] =>
  compare(
    likenessOf(form()),
    likenessOfPatient(patientFrom(form({ phones: [], email: undefined as never, ...more })), "t"),
  ).rules;

describe("CLIN-1 the rules by which two may be one", () => {
  it.each<[string, Partial<Demographics>, readonly DuplicateRule[]]>([
    ["the same name and birth date", {}, ["name-birth-date", "similar-name-birth-date"]],
    ["without accents and case", { family: "NUNEZ", given: "maria" }, ["name-birth-date", "similar-name-birth-date"]],
    ["a letter wrong", { family: "Nuñes" }, ["similar-name-birth-date"]],
    ["names the wrong way round", { family: "María", given: "Núñez" }, ["similar-name-birth-date"]],
    ["a short form of the name", { given: "Mari" }, ["similar-name-birth-date"]],
    [
      "married, same phone",
      { family: "Roe", phones: [{ number: "(617) 555-0117", use: "home" }] },
      ["birth-date-phone"],
    ],
    ["married, same e-mail", { family: "Roe", given: "Pat", email: "Maria@Example.org" }, ["birth-date-email"]],
    ["day and month swapped", { birthDate: "1980-04-03" }, ["name-swapped-date"]],
    [
      "birth date unknown then",
      { birthDate: "1980-01-01", phones: [{ number: "6175550117", use: "home" }] },
      ["name-phone"],
    ],
    [
      "a relative at the same phone",
      { given: "Juan", birthDate: "1950-01-01", phones: [{ number: "6175550117", use: "home" }] },
      [],
    ],
    ["a twin", { given: "Carlos", phones: [{ number: "6175550117", use: "home" }] }, []],
    ["another person", { family: "Lovelace", given: "Ada", birthDate: "1990-01-01" }, []],
  ])("%s", (_what, more, rules) => {
    expect(against(more)).toEqual(rules);
  });

  it("an identifier of somebody else's is enough, and the clinic's own number says nothing", () => {
    const passport = { system: "urn:passport", value: "X1" };
    const number = { system: "urn:keyward:record-number:t", value: "100016" };
    const likeness = (...identifier: object[]) =>
      likenessOfPatient(
        {
          ...patientFrom(form({ family: "Roe", given: "Jane", birthDate: "1970-01-01", phones: [] })),
          identifier,
        } as never,
        "t",
      );
    const other = (...identifier: object[]) =>
      likenessOfPatient({ ...patientFrom(form({ email: undefined as never, phones: [] })), identifier } as never, "t");
    expect(compare(likeness(passport), other(passport, number))).toEqual({ score: 95, rules: ["identifier"] });
    expect(compare(likeness(number), other(number)).rules).not.toContain("identifier");
  });

  it("the strongest rule leads, and no score is certain", () => {
    const all = compare(likenessOf(form()), likenessOfPatient(patientFrom(form()), "t"));
    expect(all.rules[0]).toBe("name-birth-date");
    expect(all.score).toBe(99);
  });
});
