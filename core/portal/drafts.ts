import * as z from "zod";
import { FormAnswer } from "../contract/patient-portal.ts";
import { ok, type Result } from "../kernel/result.ts";
import type { Change, Marks, PrivacyDeps, PrivacyFailure } from "../privacy/index.ts";
import { putOver, readAt } from "../privacy/rows.ts";
import { formDraftKey, type RecordId } from "../table/index.ts";

/** What a patient has filled in and not sent: sealed beside her records, under the key of class C, and in no chart. */
const FormDraft = z.strictObject({
  edition: z.int().min(1),
  answers: z.array(FormAnswer),
  savedAtMs: z.int(),
});
type FormDraft = z.infer<typeof FormDraft>;

/** `draft` counts the savings; 0 where there is none. */
export interface KeptFormDraft extends FormDraft {
  readonly draft: number;
}

interface Place {
  readonly patientId: RecordId;
  readonly form: string;
}

const inClassC = (deps: PrivacyDeps): PrivacyDeps => ({ ...deps, dataClass: "C" });

/** Strongly consistent; undefined where none was kept. @param deps In a scope that holds class C. */
export async function readFormDraft(
  deps: PrivacyDeps,
  { patientId, form }: Place,
): Promise<Result<KeptFormDraft | undefined, PrivacyFailure>> {
  const key = formDraftKey(deps.tenantId, patientId, form);
  const found = await readAt(inClassC(deps), "form-draft", key, FormDraft);
  if (!found.ok || found.value === undefined) return found.ok ? ok(undefined) : found;
  return ok({ ...found.value.value, draft: found.value.version });
}

/** Keeps a draft over `before` and no other: two windows never overwrite each other. */
export async function keepFormDraft(
  deps: PrivacyDeps,
  { patientId, form }: Place,
  draft: FormDraft,
  before: number,
  marks: Marks,
): Promise<Result<Change<KeptFormDraft>, PrivacyFailure>> {
  const key = formDraftKey(deps.tenantId, patientId, form);
  const write = await putOver(inClassC(deps), "form-draft", key, draft, before, marks);
  return write.ok ? ok({ value: { ...draft, draft: before + 1 }, writes: [write.value] }) : write;
}
