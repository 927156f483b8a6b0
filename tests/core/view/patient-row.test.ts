import { describe, expect, it } from "vitest";
import type { Demographics, PatientRow } from "../../../core/contract/index.ts";
import { CONSUMERS, formSeenBy, rowSeenBy } from "../../../core/view/index.ts";
import { PLACEMENTS } from "../../../core/view/placements.ts";

const ROW: PatientRow = {
  state: "value",
  id: "p1",
  name: { family: "Lovelace", given: ["Ada"] },
  recordNumber: "10001678",
  phone: "617-555-0117",
  isActive: true,
};
const FORM: Partial<Demographics> = {
  family: "Lovelace",
  phones: [{ number: "617-555-0117", use: "mobile" }],
  email: "ada@example.org",
  language: "en",
  emergencyContact: { name: "Byron", phone: "617-555-0118" },
};

describe("UIX-4 a patient on a list is shown as her chart shows her", () => {
  it("billing sees the end of a record number and of a phone, wherever they stand", () => {
    const seen = rowSeenBy(ROW, "billing");
    expect(seen).toMatchObject({ recordNumber: "••••1678", phone: "••••0117", name: ROW.name });
    expect(JSON.stringify([seen, formSeenBy(FORM, "billing")])).not.toMatch(/10001678|555|ada@|Byron|"en"/);
  });
  it.each(["clinician", "nurse", "front-desk"] as const)("%s sees them whole", (consumer) => {
    expect(rowSeenBy(ROW, consumer)).toEqual(ROW);
    expect(formSeenBy(FORM, consumer)).toEqual(FORM);
  });
  it.each(CONSUMERS)("%s sees a number whole only where the banner does", (consumer) => {
    const isWhole = rowSeenBy(ROW, consumer).recordNumber === ROW.recordNumber;
    expect(isWhole).toBe(PLACEMENTS.banner.identifiers[consumer] === "V");
  });
});
