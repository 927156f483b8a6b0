import type { WishContact, WishVisit } from "../contract/patient-portal.ts";

/**
 * What a patient asks the desk for, as a message that the desk reads: in the language of the clinic, with her own words as
 * she wrote them.
 */
export interface Wish {
  readonly topic: string;
  readonly text: string;
}

type Language = "en" | "es";
export const languageOf = (locale: string): Language => (locale.startsWith("es") ? "es" : "en");

const VISIT = {
  en: {
    topic: "Visit request",
    reason: "Reason",
    from: "Not before",
    time: "Time of day",
    provider: "With",
    times: { morning: "morning", midday: "midday", afternoon: "afternoon", any: "any" },
  },
  es: {
    topic: "Solicitud de visita",
    reason: "Motivo",
    from: "No antes de",
    time: "Hora del día",
    provider: "Con",
    times: { morning: "mañana", midday: "mediodía", afternoon: "tarde", any: "cualquiera" },
  },
} as const;

const line = (label: string, value: string | undefined): readonly string[] =>
  value === undefined ? [] : [`${label}: ${value}`];

/** @param provider The name of whom she would like to see. */
export function visitWish({ reason, from, times }: WishVisit, provider: string | undefined, language: Language): Wish {
  const words = VISIT[language];
  const lines = [
    ...line(words.reason, reason),
    ...line(words.from, from),
    ...line(words.time, words.times[times]),
    ...line(words.provider, provider),
  ];
  return { topic: words.topic, text: lines.join("\n") };
}

const CONTACT = {
  en: { topic: "Change of contact details", phone: "Phone", email: "Email", address: "Address", note: "Note" },
  es: { topic: "Cambio de datos de contacto", phone: "Teléfono", email: "Correo", address: "Dirección", note: "Nota" },
} as const;

export function contactWish({ phone, email, address, note }: WishContact, language: Language): Wish {
  const words = CONTACT[language];
  const lines = [
    ...line(words.phone, phone),
    ...line(words.email, email),
    ...line(words.address, address),
    ...line(words.note, note),
  ];
  return { topic: words.topic, text: lines.join("\n") };
}
