import { defineMessages } from "../../i18n/index.ts";

/** Words of a chart's tabs. A tab that is added to `tabs.ts` adds its word here. */
export const tabLabels = defineMessages({
  en: {
    summary: "Summary",
    vitals: "Vitals",
    notes: "Visits and notes",
    messages: "Messages and tasks",
    documents: "Documents",
    forms: "Patient’s forms",
    timeline: "Timeline",
    consents: "Consents",
    whoLooked: "Who looked",
  },
  es: {
    summary: "Resumen",
    vitals: "Signos vitales",
    notes: "Visitas y notas",
    messages: "Mensajes y tareas",
    documents: "Documentos",
    forms: "Formularios del paciente",
    timeline: "Cronología",
    consents: "Consentimientos",
    whoLooked: "Quién miró",
  },
});

export type ChartTabLabel =
  | "summary"
  | "vitals"
  | "notes"
  | "messages"
  | "documents"
  | "forms"
  | "timeline"
  | "consents"
  | "whoLooked";
