import { defineMessages } from "../i18n/index.ts";

/** What the menu calls each area. An area that stands in it adds its own line in both languages. */
export const navMessages = defineMessages({
  en: {
    home: "Start",
    board: "Day board",
    patients: "Patients",
    unsigned: "Unsigned notes",
    noteTemplates: "Note templates",
    audit: "Oversight",
    privacy: "Privacy",
    exports: "Exports",
    settings: "Settings",
    account: "Your account",
  },
  es: {
    home: "Inicio",
    board: "Agenda",
    patients: "Pacientes",
    unsigned: "Notas sin firmar",
    noteTemplates: "Plantillas de notas",
    audit: "Supervisión",
    privacy: "Privacidad",
    exports: "Exportaciones",
    settings: "Ajustes",
    account: "Su cuenta",
  },
});

export type NavMessageId = keyof typeof navMessages.en;
