import { expect } from "vitest";
import { newTestId, type Answer } from "../world.ts";

/** Of one answer and no other, by nature: everything else of two refusals must be the same. */
const NOISE = new Set(["apigw-requestid", "connection", "date", "keep-alive", "x-audit-receipt", "x-request-id"]);

/** Status, headers and body of an answer, with the ids that the request itself named taken out. */
export function essence(answer: Pick<Answer, "status" | "headers" | "text">, ...named: readonly string[]) {
  const hide = (text: string): string =>
    named.reduce((rest, id) => rest.replaceAll(encodeURIComponent(id), "<id>").replaceAll(id, "<id>"), text);
  const headers = [...answer.headers].filter(([name]) => !NOISE.has(name)).map(([name, value]) => [name, hide(value)]);
  return { status: answer.status, headers, text: hide(answer.text) };
}

/** An id of the same form that nobody has: 26 characters, or two of them. */
export const unknownLike = (id: string): string => id.split(".").map(newTestId).join(".");

/** An OperationOutcome that names rules and paths, and says nothing of the request. */
export function expectOutcome(answer: Answer, status: number, rule?: string): void {
  expect([answer.status, answer.text.slice(0, 400)]).toEqual([status, expect.stringContaining("OperationOutcome")]);
  if (rule !== undefined) expect(rulesOf(answer)).toContain(rule);
}

/** The rules that an outcome names. */
export function rulesOf({ body }: Pick<Answer, "body">): string[] {
  const issues = (body as { issue?: { details?: { coding?: { code?: string }[] } }[] } | undefined)?.issue ?? [];
  return issues.flatMap(({ details }) => details?.coding?.map(({ code = "" }) => code) ?? []);
}

export interface Entry {
  readonly resource?: { readonly resourceType?: string; readonly id?: string };
  readonly response?: { readonly status?: string; readonly location?: string; readonly etag?: string };
}

/** The entries of a bundle that was answered; none where it has none. */
export const entriesOf = ({ body }: Pick<Answer, "body">): readonly Entry[] =>
  (body as { entry?: readonly Entry[] } | undefined)?.entry ?? [];

/** The url of a bundle's link. */
export const linkOf = ({ body }: Pick<Answer, "body">, relation: string): string | undefined =>
  (body as { link?: readonly { relation: string; url: string }[] } | undefined)?.link?.find(
    (link) => link.relation === relation,
  )?.url;

/** The ids of a bundle's resources. */
export const idsIn = (answer: Pick<Answer, "body">): string[] =>
  entriesOf(answer).map(({ resource }) => resource?.id ?? "");
