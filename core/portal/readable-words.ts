import type { Measure } from "../contract/chart.ts";

/** The words of the page that a patient takes along. */
export interface ReadableWords {
  readonly title: string;
  readonly made: string;
  readonly allergies: string;
  readonly noneKnown: string;
  readonly medications: string;
  readonly problems: string;
  readonly immunizations: string;
  readonly vitals: string;
  readonly results: string;
  readonly notes: string;
  readonly protectedItems: string;
  readonly none: string;
  readonly restricted: string;
  readonly unavailable: string;
  readonly notActive: string;
  readonly range: string;
  readonly measures: Readonly<Partial<Record<Measure, string>>>;
}

export const READABLE_WORDS: Readonly<Record<"en" | "es", ReadableWords>> = {
  en: {
    title: "My health record",
    made: "From {clinic}, on {day}. This page is private. Keep it in a safe place.",
    allergies: "Allergies",
    noneKnown: "No known allergies.",
    medications: "Medicines",
    problems: "Health problems",
    immunizations: "Vaccines",
    vitals: "Measurements",
    results: "Test results",
    notes: "Visit notes",
    protectedItems: "Specially protected information",
    none: "Nothing is recorded.",
    restricted: "This part is not shown here. Ask the clinic if you want to see it.",
    unavailable: "This part could not be read when this page was made.",
    notActive: "not current",
    range: "usual range",
    measures: {
      "blood-pressure": "Blood pressure",
      "heart-rate": "Heart rate",
      "respiratory-rate": "Breaths per minute",
      temperature: "Temperature",
      "oxygen-saturation": "Oxygen",
      weight: "Weight",
      height: "Height",
      bmi: "Body mass index",
      "head-circumference": "Head size",
    },
  },
  es: {
    title: "Mi historial de salud",
    made: "De {clinic}, el {day}. Esta página es privada. Guárdela en un lugar seguro.",
    allergies: "Alergias",
    noneKnown: "No se conocen alergias.",
    medications: "Medicinas",
    problems: "Problemas de salud",
    immunizations: "Vacunas",
    vitals: "Medidas",
    results: "Resultados de pruebas",
    notes: "Notas de visitas",
    protectedItems: "Información con protección especial",
    none: "No hay nada anotado.",
    restricted: "Esta parte no se muestra aquí. Pregunte a la clínica si quiere verla.",
    unavailable: "Esta parte no se pudo leer cuando se hizo esta página.",
    notActive: "no actual",
    range: "rango usual",
    measures: {
      "blood-pressure": "Presión arterial",
      "heart-rate": "Pulso",
      "respiratory-rate": "Respiraciones por minuto",
      temperature: "Temperatura",
      "oxygen-saturation": "Oxígeno",
      weight: "Peso",
      height: "Estatura",
      bmi: "Índice de masa corporal",
      "head-circumference": "Tamaño de la cabeza",
    },
  },
};
