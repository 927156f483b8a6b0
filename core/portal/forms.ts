import { createHash } from "node:crypto";
import type { FormAnswer, FormQuestion, PortalForm, SentForm } from "../contract/patient-portal.ts";
import { type FhirResource, isJsonObject, type JsonObject } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { encodeId, isId } from "../kernel/ids.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { RecordId } from "../table/index.ts";

/**
 * A clinic's forms as FHIR QuestionnaireResponse. The questions stand in the response as they were asked, so that it reads
 * by itself when the clinic has changed its form.
 */

const FORM_URL = "urn:keyward:form:";

export interface AnswerIssue {
  readonly path: string;
  readonly rule: "unknown-question" | "answer-required" | "form-value";
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const NUMBER = /^-?\d{1,9}(\.\d{1,4})?$/;

function isValue({ kind, options = [] }: FormQuestion, value: string): boolean {
  switch (kind) {
    case "yes-no":
      return value === "yes" || value === "no";
    case "choice":
    case "choices":
      return options.some(({ code }) => code === value);
    case "date":
      return DAY.test(value) && !Number.isNaN(Date.parse(value));
    case "number":
      return NUMBER.test(value);
    case "text":
      return value.length <= 300;
    case "long-text":
      return true;
  }
}

const questionsOf = ({ sections }: PortalForm): readonly FormQuestion[] =>
  sections.flatMap(({ questions }) => questions);

/** What is wrong with answers. A draft may leave anything open, and what it says must still be an answer. */
export function issuesOf(
  form: PortalForm,
  answers: readonly FormAnswer[],
  { isDraft }: { readonly isDraft: boolean },
): readonly AnswerIssue[] {
  const questions = questionsOf(form);
  const byId = new Map(questions.map((question) => [question.id, question]));
  const wrong = answers.flatMap(({ id, values }): AnswerIssue[] => {
    const question = byId.get(id);
    if (question === undefined) return [{ path: id, rule: "unknown-question" }];
    const isMany = question.kind === "choices";
    const isRight = values.every((value) => isValue(question, value)) && (isMany || values.length === 1);
    return isRight && new Set(values).size === values.length ? [] : [{ path: id, rule: "form-value" }];
  });
  if (isDraft) return wrong;
  const given = new Set(answers.map(({ id }) => id));
  const open = questions.filter(({ id, isRequired }) => isRequired && !given.has(id));
  return [...wrong, ...open.map(({ id }): AnswerIssue => ({ path: id, rule: "answer-required" }))];
}

const codeSystem = (form: PortalForm, question: FormQuestion): string => `${FORM_URL}${form.id}:${question.id}`;

function answerOf(form: PortalForm, question: FormQuestion, value: string): JsonObject {
  switch (question.kind) {
    case "yes-no":
      return { valueBoolean: value === "yes" };
    case "choice":
    case "choices": {
      const display = question.options?.find(({ code }) => code === value)?.label.en ?? value;
      return { valueCoding: { system: codeSystem(form, question), code: value, display } };
    }
    case "date":
      return { valueDate: value };
    case "number":
      return { valueDecimal: Number(value) };
    default:
      return { valueString: value };
  }
}

export interface FormSender {
  readonly patientId: string;
  readonly nowMs: number;
}

/**
 * The id of a patient's response to an edition of a form: always the same, so that a second one is a conflict of the store
 * and no race.
 */
export function responseIdOf({ id, edition }: Pick<PortalForm, "id" | "edition">, patientId: string): RecordId {
  const digest = createHash("sha256")
    .update(`${FORM_URL}${id}\n${String(edition)}\n${patientId}`)
    .digest();
  const own = encodeId(digest.subarray(0, 16));
  return (isId(patientId) ? `${patientId}.${own}` : `form-${own}`) as RecordId;
}

/** A filled-in form. `failed` names what is wrong; nothing is made of it then. */
export function responseOf(
  form: PortalForm,
  answers: readonly FormAnswer[],
  { patientId, nowMs }: FormSender,
): Result<FhirResource, readonly AnswerIssue[]> {
  const issues = issuesOf(form, answers, { isDraft: false });
  if (issues.length > 0) return err(issues);
  const given = new Map(answers.map(({ id, values }) => [id, values]));
  const patient = { reference: `Patient/${patientId}` };
  const item = form.sections.map(({ title, questions }, index) => ({
    linkId: `section-${String(index + 1)}`,
    text: title.en,
    item: questions.flatMap((question): JsonObject[] => {
      const values = given.get(question.id);
      if (values === undefined) return [];
      const answer = values.map((value) => answerOf(form, question, value));
      return [{ linkId: question.id, text: question.label.en, answer }];
    }),
  }));
  const response = {
    resourceType: "QuestionnaireResponse",
    questionnaire: `${FORM_URL}${form.id}|${String(form.edition)}`,
    status: "completed",
    subject: patient,
    authored: toInstant(nowMs),
    author: patient,
    source: patient,
    // A section without an answer says nothing.
    item: item.filter((section) => section.item.length > 0),
  };
  return ok(response as unknown as FhirResource);
}

const listOf = (value: unknown): readonly JsonObject[] =>
  (Array.isArray(value) ? (value as unknown[]) : []).filter(isJsonObject);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function spoken(answer: JsonObject): readonly string[] {
  const { valueBoolean, valueCoding, valueString, valueDate, valueDecimal, valueInteger } = answer;
  if (typeof valueBoolean === "boolean") return [valueBoolean ? "Yes" : "No"];
  if (isJsonObject(valueCoding)) return [textOf(valueCoding["display"]) || textOf(valueCoding["code"])];
  const plain = [valueString, valueDate].find((value) => typeof value === "string");
  if (typeof plain === "string") return [plain];
  const number = valueDecimal ?? valueInteger;
  return number === undefined ? [] : [String(number as number)];
}

interface Asked {
  readonly question: string;
  readonly answers: readonly string[];
}

const itemsOf = (items: unknown): Asked[] =>
  listOf(items).flatMap(({ text, linkId, answer, item }) => [
    ...(answer === undefined
      ? []
      : [{ question: textOf(text) || textOf(linkId), answers: listOf(answer).flatMap(spoken) }]),
    ...itemsOf(item),
  ]);

/** A response as those read it who treat: whoever sent it, by this form or by another system. */
export const sentFormOf = (response: FhirResource): SentForm => {
  const questionnaire = textOf(response["questionnaire"]);
  const [name = ""] = questionnaire.slice(questionnaire.startsWith(FORM_URL) ? FORM_URL.length : 0).split("|");
  return {
    id: response.id ?? "",
    form: name,
    title:
      listOf(response["item"])
        .map(({ text }) => textOf(text))
        .find((text) => text !== "") ?? name,
    sentAt: textOf(response["authored"]),
    items: itemsOf(response["item"]),
  };
};

/** Responses that were sent, newest first. What is in progress elsewhere, or in error, is none. */
export const sentFormsOf = (responses: readonly FhirResource[]): readonly SentForm[] =>
  responses
    .filter(({ status }) => status === "completed" || status === "amended")
    .map(sentFormOf)
    .toSorted((one, other) => (one.sentAt > other.sentAt ? -1 : 1));
