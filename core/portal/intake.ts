import type { FormQuestion, PortalForm } from "../contract/patient-portal.ts";

type Asked = Pick<FormQuestion, "id" | "kind"> & { readonly en: string; readonly es: string };

const ask = (
  { id, kind, en, es }: Asked,
  more: {
    readonly isRequired?: boolean;
    readonly hint?: FormQuestion["hint"];
    readonly options?: FormQuestion["options"];
  } = {},
): FormQuestion => ({
  id,
  kind,
  label: { en, es },
  isRequired: more.isRequired ?? false,
  ...(more.hint !== undefined && { hint: more.hint }),
  ...(more.options !== undefined && { options: more.options }),
});

const option = (code: string, en: string, es: string) => ({ code, label: { en, es } });
const REQUIRED = { isRequired: true } as const;

/** The form that a clinic begins with, until it makes its own: what a first visit wants to know. */
export const INTAKE: PortalForm = {
  id: "intake",
  edition: 1,
  isActive: true,
  title: { en: "Before your first visit", es: "Antes de su primera visita" },
  intro: {
    en: "Tell us about your health. It takes about 5 minutes. You can stop and come back: your answers are kept.",
    es: "Cuéntenos sobre su salud. Toma unos 5 minutos. Puede parar y volver: sus respuestas se guardan.",
  },
  sections: [
    {
      title: { en: "Why you are coming", es: "Por qué viene" },
      questions: [
        ask(
          { id: "reason", kind: "long-text", en: "What would you like help with?", es: "¿En qué podemos ayudarle?" },
          REQUIRED,
        ),
        ask({ id: "since", kind: "date", en: "When did it start?", es: "¿Cuándo empezó?" }),
      ],
    },
    {
      title: { en: "Your health", es: "Su salud" },
      questions: [
        ask(
          { id: "conditions", kind: "choices", en: "Do you have any of these?", es: "¿Tiene alguno de estos?" },
          {
            options: [
              option("asthma", "Asthma", "Asma"),
              option("diabetes", "Diabetes", "Diabetes"),
              option("high-blood-pressure", "High blood pressure", "Presión alta"),
              option("heart-disease", "Heart disease", "Enfermedad del corazón"),
              option("depression", "Depression or anxiety", "Depresión o ansiedad"),
              option("none", "None of these", "Ninguno de estos"),
            ],
          },
        ),
        ask(
          { id: "medicines", kind: "long-text", en: "Which medicines do you take?", es: "¿Qué medicinas toma?" },
          {
            hint: {
              en: "Name and how often. Include vitamins and what you buy without a prescription.",
              es: "Nombre y con qué frecuencia. Incluya vitaminas y lo que compra sin receta.",
            },
          },
        ),
        ask(
          { id: "has-allergies", kind: "yes-no", en: "Are you allergic to anything?", es: "¿Es alérgico a algo?" },
          REQUIRED,
        ),
        ask({ id: "allergies", kind: "text", en: "If yes, to what?", es: "Si es así, ¿a qué?" }),
        ask({
          id: "operations",
          kind: "long-text",
          en: "Which operations have you had?",
          es: "¿Qué operaciones ha tenido?",
        }),
      ],
    },
    {
      title: { en: "About you", es: "Sobre usted" },
      questions: [
        ask(
          { id: "tobacco", kind: "choice", en: "Do you smoke or vape?", es: "¿Fuma o vapea?" },
          {
            options: [
              option("never", "Never", "Nunca"),
              option("before", "I used to", "Antes sí"),
              option("sometimes", "Sometimes", "A veces"),
              option("daily", "Every day", "Todos los días"),
            ],
          },
        ),
        ask({ id: "pharmacy", kind: "text", en: "Which pharmacy do you use?", es: "¿Qué farmacia usa?" }),
        ask({
          id: "else",
          kind: "long-text",
          en: "Is there anything else we should know?",
          es: "¿Hay algo más que debamos saber?",
        }),
      ],
    },
  ],
};
