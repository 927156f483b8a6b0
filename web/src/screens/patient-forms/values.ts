import type { FormAnswer, FormQuestion, PortalForm } from "../../../../core/contract/index.ts";

/** What the fields of a form hold, by question: a text, or a list where several may be chosen. */
export type FormValues = Readonly<Record<string, string | readonly string[] | undefined>>;

const questionsOf = ({ sections }: PortalForm): readonly FormQuestion[] =>
  sections.flatMap(({ questions }) => questions);

export const valuesOf = (form: PortalForm, answers: readonly FormAnswer[]): FormValues =>
  Object.fromEntries(
    questionsOf(form).map(({ id, kind }) => {
      const values = answers.find((answer) => answer.id === id)?.values ?? [];
      return [id, kind === "choices" ? values : (values[0] ?? "")];
    }),
  );

/** Answers as the server takes them: what was left open is left out. */
export const answersOf = (form: PortalForm, values: FormValues): FormAnswer[] =>
  questionsOf(form).flatMap(({ id }): FormAnswer[] => {
    const value = values[id];
    const texts = (typeof value === "string" ? [value.trim()] : [...(value ?? [])]).filter((text) => text !== "");
    return texts.length === 0 ? [] : [{ id, values: texts }];
  });
