import { describe, expect, it } from "vitest";
import { Demographics } from "../../../core/contract/index.ts";
import { parseJson, stringifyJson, validateResource, type FhirResource } from "../../../core/fhir/index.ts";
import { demographicsOf, hasMore, patientFrom, rowOf } from "../../../core/patient/index.ts";
import { withCheckDigit } from "../../../core/patient/record-number.ts";
import { valueOf } from "../crypto/fixtures.ts";

const FULL = Demographics.parse({
  family: "de la Cruz",
  given: "María",
  middle: "José Luz",
  preferredName: "Majo",
  birthDate: "1980-02-29",
  sex: "female",
  pronouns: "she",
  phones: [
    { number: "(617) 555-0117", use: "mobile" },
    { number: "+1 617 555 0118 x12", use: "work" },
  ],
  email: "majo@example.org",
  address: {
    line: "17 Example Street",
    line2: "Apt 3",
    city: "Boston",
    state: "MA",
    postalCode: "02118",
    country: "US",
  },
  language: "es",
  emergencyContact: { name: "Juan de la Cruz", relation: "Brother", phone: "617 555 0119" },
});
const stored = (patient: FhirResource): FhirResource =>
  valueOf(validateResource(valueOf(parseJson(stringifyJson(patient)))));

describe("CLIN-1 a registration form and its Patient", () => {
  it("what was entered is what is shown, through a valid Patient", () => {
    expect(demographicsOf(stored(patientFrom(FULL)))).toEqual(FULL);
    const least = Demographics.parse({ family: "A", given: "B", birthDate: "2000-01-01", sex: "unknown", phones: [] });
    expect(demographicsOf(stored(patientFrom(least)))).toEqual(least);
  });

  it("an edit keeps what the form does not know", () => {
    const before = stored({
      ...patientFrom(FULL),
      identifier: [{ system: "urn:x", value: "1" }],
      maritalStatus: { text: "married" },
      name: [
        { use: "old", family: "Roe", given: ["María"] },
        { use: "official", family: "de la Cruz", given: ["María"], prefix: ["Dr."] },
      ],
      telecom: [
        { system: "fax", value: "1" },
        { system: "phone", value: "2 222 222", use: "old" },
      ],
      contact: [{ name: { text: "Her lawyer" } }],
      text: { status: "generated", div: '<div xmlns="http://www.w3.org/1999/xhtml">old</div>' },
    } as unknown as FhirResource);
    const after = stored(patientFrom({ ...FULL, family: "Cruz", emergencyContact: undefined as never }, before));
    expect(after).toMatchObject({
      identifier: [{ system: "urn:x", value: "1" }],
      maritalStatus: { text: "married" },
      contact: [{ name: { text: "Her lawyer" } }],
    });
    expect(after["text"]).toBeUndefined();
    expect(JSON.stringify(after["name"])).toContain("Roe");
    expect(after["name"]).toMatchObject([{ family: "Cruz", prefix: ["Dr."] }, { use: "nickname" }, { use: "old" }]);
    expect(JSON.stringify(after["telecom"])).toContain("fax");
    expect(JSON.stringify(after["telecom"])).toContain("2 222 222");
    expect(hasMore(after)).toBe(true);
    expect(rowOf(after, "t")).toMatchObject({ name: { family: "Cruz", preferred: "Majo" }, isActive: true });
  });

  it.each(["12", "call me", "617-555-0117; drop", "<b>6175550117</b>"])("%s is no phone", (number) => {
    expect(Demographics.safeParse({ ...FULL, phones: [{ number, use: "home" }] }).success).toBe(false);
  });

  it.each([
    [7992739871, "79927398713"],
    [10001, "100016"],
    [10002, "100024"],
  ])("record number %i carries the check digit of ISO/IEC 7812-1: %s", (number, made) => {
    expect(withCheckDigit(number)).toBe(made);
  });
});
