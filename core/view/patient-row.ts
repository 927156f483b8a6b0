import type { Demographics, PatientRow } from "../contract/patient.ts";
import type { Consumer } from "./consumer.ts";
import { lastFour } from "./elements.ts";
import { type PlacedFor, PLACEMENTS } from "./placements.ts";

/** The view's field that says who may see a field of the form. Its name stands over every list of patients. */
const FORM_FIELDS: Readonly<Partial<Record<keyof Demographics, PlacedFor>>> = {
  pronouns: PLACEMENTS.banner.pronouns,
  phones: PLACEMENTS.demographics.telecom,
  email: PLACEMENTS.demographics.telecom,
  address: PLACEMENTS.demographics.address,
  language: PLACEMENTS.demographics.language,
  emergencyContact: PLACEMENTS.contacts.telecom,
};

function part(text: string | undefined, placed: PlacedFor, consumer: Consumer): string | undefined {
  if (text === undefined || placed[consumer] === "V") return text;
  return placed[consumer] === "M" ? lastFour(text) : undefined;
}

/**
 * A patient on a list as the banner of her chart would show her to the same reader: one treatment, whatever the screen.
 * Who has no view of charts sees what policy permitted.
 */
export function rowSeenBy(row: PatientRow, consumer: Consumer | undefined): PatientRow {
  if (consumer === undefined) return row;
  const { recordNumber, phone, ...rest } = row;
  const number = part(recordNumber, PLACEMENTS.banner.identifiers, consumer);
  const line = part(phone, PLACEMENTS.demographics.telecom, consumer);
  return { ...rest, ...(number !== undefined && { recordNumber: number }), ...(line !== undefined && { phone: line }) };
}

/** What the registration form says of her, without what the reader's view masks or withholds. */
export function formSeenBy(form: Partial<Demographics>, consumer: Consumer | undefined): Partial<Demographics> {
  if (consumer === undefined) return form;
  const isShown = (name: string): boolean => {
    const placed = FORM_FIELDS[name as keyof Demographics];
    return placed === undefined || placed[consumer] === "V";
  };
  return Object.fromEntries(Object.entries(form).filter(([name]) => isShown(name)));
}
