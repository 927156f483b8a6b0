import type { Demographics, PhoneUse } from "../../../../core/contract/index.ts";

/** What the fields hold: text throughout, because an empty field is one that says nothing. */
export interface PatientForm {
  readonly demographics: {
    readonly family: string;
    readonly given: string;
    readonly middle: string;
    readonly preferredName: string;
    readonly birthDate: string;
    readonly sex: string;
    readonly pronouns: string;
    readonly language: string;
    readonly phone: Readonly<Record<PhoneUse, string>>;
    readonly email: string;
    readonly address: Readonly<Record<"line" | "line2" | "city" | "state" | "postalCode" | "country", string>>;
    readonly emergencyContact: Readonly<Record<"name" | "relation" | "phone", string>>;
  };
}

const USES: readonly PhoneUse[] = ["mobile", "home", "work"];

export function formOf(known: Partial<Demographics>): PatientForm {
  const { address, emergencyContact, phones = [] } = known;
  const phone = (use: PhoneUse): string => phones.find((each) => each.use === use)?.number ?? "";
  return {
    demographics: {
      family: known.family ?? "",
      given: known.given ?? "",
      middle: known.middle ?? "",
      preferredName: known.preferredName ?? "",
      birthDate: known.birthDate ?? "",
      sex: known.sex ?? "",
      pronouns: known.pronouns ?? "",
      language: known.language ?? "",
      phone: { mobile: phone("mobile"), home: phone("home"), work: phone("work") },
      email: known.email ?? "",
      address: {
        line: address?.line ?? "",
        line2: address?.line2 ?? "",
        city: address?.city ?? "",
        state: address?.state ?? "",
        postalCode: address?.postalCode ?? "",
        country: address?.country ?? "US",
      },
      emergencyContact: {
        name: emergencyContact?.name ?? "",
        relation: emergencyContact?.relation ?? "",
        phone: emergencyContact?.phone ?? "",
      },
    },
  };
}

/** Entries that say something, or undefined where none does. */
function said<T extends Readonly<Record<string, string>>>(
  values: T,
  ...required: readonly (keyof T)[]
): Partial<T> | undefined {
  const entries = Object.entries(values).flatMap(([name, value]) =>
    value.trim() === "" ? [] : [[name, value.trim()]],
  );
  const found = Object.fromEntries(entries) as Partial<T>;
  return required.some((name) => found[name] !== undefined) ? found : undefined;
}

/** The body of the form. `before`: further phones of one use, which the form has no field for. */
export function demographicsIn({ demographics: form }: PatientForm, before: Partial<Demographics> = {}): Demographics {
  const { address, emergencyContact, phone, ...texts } = form;
  const shownPhones = USES.map((use) => (before.phones ?? []).find((each) => each.use === use));
  const more = (before.phones ?? []).filter((each) => !shownPhones.includes(each));
  const phones = USES.flatMap((use) => (phone[use].trim() === "" ? [] : [{ number: phone[use].trim(), use }]));
  const where = said(address, "line", "line2", "city", "state", "postalCode");
  const whom = said(emergencyContact, "name", "relation", "phone");
  return {
    ...said(texts, "family", "given", "birthDate", "sex"),
    phones: [...phones, ...more].slice(0, 4),
    ...(where && { address: where }),
    ...(whom && { emergencyContact: whom }),
  } as Demographics;
}
