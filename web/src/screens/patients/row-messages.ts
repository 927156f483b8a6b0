import { defineMessages } from "../../i18n/index.ts";

/** What is said of a patient on a list; the palette has them from the first visit on. */
export const rowMessages = defineMessages({
  en: {
    title: "Patients",
    recent: "Recently opened",
    register: "Register a patient",
    restricted: "Restricted",
    restrictedPatient: "A patient whom you opened before and may not see at the moment",
    merged: "Merged into another chart",
    "sex.female": "Female",
    "sex.male": "Male",
    "sex.other": "Other",
    "sex.unknown": "Unknown",
    numberShort: "No. {number}",
    bornAge: "{date} ({age})",
    calledName: "{name} (“{preferred}”)",
    notSaid: "–",
  },
  es: {
    title: "Pacientes",
    recent: "Abiertos recientemente",
    register: "Registrar un paciente",
    restricted: "Restringido",
    restrictedPatient: "Un paciente que usted abrió antes y que ahora no puede ver",
    merged: "Fusionado con otro expediente",
    "sex.female": "Femenino",
    "sex.male": "Masculino",
    "sex.other": "Otro",
    "sex.unknown": "Desconocido",
    numberShort: "N.º {number}",
    bornAge: "{date} ({age})",
    calledName: "{name} («{preferred}»)",
    notSaid: "–",
  },
});
