import type { KeepFormDraft, OwnForm, OwnFormLine, OwnForms, PortalForm, SendForm } from "../../core/contract/index.ts";
import { searchAll } from "../../core/encounter/desk.ts";
import { type FhirResource, validateResource } from "../../core/fhir/index.ts";
import { systemClock, toInstant } from "../../core/kernel/clock.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import type { Result } from "../../core/kernel/result.ts";
import {
  issuesOf,
  keepFormDraft,
  type KeptFormDraft,
  readFormDraft,
  responseIdOf,
  responseOf,
} from "../../core/portal/index.ts";
import type { PrivacyDeps, PrivacyFailure } from "../../core/privacy/index.ts";
import { commit, failTold, type Told } from "../clinic/act.ts";
import { effectOf } from "../clinic/charts.ts";
import { openScope } from "../clinic/context.ts";
import { failureOf } from "../clinic/failures.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { fail, type Failure } from "../http/failure.ts";
import { must, toFailure } from "../records/failures.ts";
import { type Own, openOwn, settingsFor } from "./desk.ts";

const READ = { action: "search", type: "QuestionnaireResponse", classes: ["C"] } as const;
const FILL = { action: "contribute", type: "QuestionnaireResponse", classes: ["C"] } as const;

const mustPrivacy = <T>(result: Result<T, PrivacyFailure>): T =>
  result.ok ? result.value : fail(failureOf(result.error));

/** The rows of drafts: in the scope of the own record, which holds class C. */
const draftsOf = (exchange: Exchange, { charts }: Own): PrivacyDeps => openScope(exchange, charts.recordGrant).privacy;

const responsesOf = async ({ charts, patientId }: Own): Promise<readonly FhirResource[]> =>
  must(
    await searchAll(
      { records: charts.records, grant: charts.recordGrant },
      "QuestionnaireResponse",
      `patient=${patientId}`,
    ),
  );

interface Filling {
  readonly form: PortalForm;
  readonly line: OwnFormLine;
  readonly kept?: KeptFormDraft;
}

function fillingOf(
  form: PortalForm,
  patientId: string,
  kept: KeptFormDraft | undefined,
  responses: readonly FhirResource[],
): Filling {
  const { id, edition, title } = form;
  const sent = responses.find((response) => response.id === responseIdOf(form, patientId));
  if (sent !== undefined) {
    const authored: unknown = sent["authored"];
    const at = typeof authored === "string" ? { at: authored } : {};
    return { form, line: { id, edition, title, state: "sent", ...at } };
  }
  // What was begun for an earlier edition goes on in this one, as far as its questions are still asked.
  const isBegun = kept !== undefined && kept.answers.length > 0;
  return {
    form,
    line: {
      id,
      edition,
      title,
      state: isBegun ? "begun" : "to-fill",
      ...(isBegun && { at: toInstant(kept.savedAtMs) }),
    },
    ...(kept !== undefined && { kept }),
  };
}

/** GET /patient/forms */
async function listOwnForms(exchange: Exchange): Promise<Answer> {
  const own = await openOwn(exchange, [READ]);
  const settings = await settingsFor(own.charts);
  const responses = await responsesOf(own);
  const drafts = draftsOf(exchange, own);
  const { patientId } = own;
  const fillings = await Promise.all(
    settings.forms
      .filter(({ isActive }) => isActive)
      .map(async (form) => {
        const kept = mustPrivacy(await readFormDraft(drafts, { patientId, form: form.id }));
        return fillingOf(form, patientId, kept, responses).line;
      }),
  );
  return json(200, { forms: fillings } satisfies OwnForms);
}

/** One form that the clinic asks for now; unknown and no longer asked are one answer. */
async function openForm(exchange: Exchange, own: Own): Promise<Filling> {
  const { patientId } = own;
  const settings = await settingsFor(own.charts);
  const form = settings.forms.find(({ id, isActive }) => isActive && id === exchange.path["form"]);
  if (form === undefined) return fail({ kind: "not-found" });
  const responses = await responsesOf(own);
  const kept = mustPrivacy(await readFormDraft(draftsOf(exchange, own), { patientId, form: form.id }));
  return fillingOf(form, patientId, kept, responses);
}

/** GET /patient/forms/{form} */
async function readOwnForm(exchange: Exchange): Promise<Answer> {
  const own = await openOwn(exchange, [READ]);
  const { form, line, kept } = await openForm(exchange, own);
  const asked = new Set(form.sections.flatMap(({ questions }) => questions.map(({ id }) => id)));
  const isSent = line.state === "sent";
  const answer: OwnForm = {
    ...line,
    form,
    answers: isSent ? [] : (kept?.answers ?? []).filter(({ id }) => asked.has(id)),
    draft: kept?.draft ?? 0,
  };
  return json(200, answer);
}

const invalid = (issues: ReturnType<typeof issuesOf>): Failure => ({
  kind: "invalid",
  issues: issues.map(({ path, rule }) => ({ path: `answers.${path}`, rule, severity: "error", code: "business-rule" })),
});

const toldOf = ({ patientId }: Own): Told => ({ patientId, entities: [{ type: "QuestionnaireResponse" }] });

/** PUT /patient/forms/{form}/draft: over the saving that the page has seen, and no other. */
async function keepDraft(exchange: Exchange): Promise<Answer> {
  const { edition, draft, answers } = exchange.body as KeepFormDraft;
  const own = await openOwn(exchange, [FILL, READ]);
  const { form, line } = await openForm(exchange, own);
  const { charts, patientId } = own;
  const told = toldOf(own);
  if (line.state === "sent") return failTold(charts, told, { kind: "business-rule", rule: "form-sent" });
  if (edition !== form.edition) return failTold(charts, told, { kind: "business-rule", rule: "form-edition" });
  const issues = issuesOf(form, answers, { isDraft: true });
  if (issues.length > 0) return failTold(charts, told, invalid(issues));
  const scope = openScope(exchange, charts.recordGrant);
  const savedAtMs = systemClock.now();
  const kept = await commit({ ...charts, ...scope }, told, (marks) =>
    keepFormDraft(scope.privacy, { patientId, form: form.id }, { edition, answers, savedAtMs }, draft, marks),
  );
  if (!kept.ok) return failTold(charts, told, { kind: "version-conflict" });
  return json(200, { draft: kept.value.draft, at: toInstant(savedAtMs) });
}

/** POST /patient/forms/{form}/send: it stands in her record from then on, and the draft is empty in the same moment. */
async function sendForm(exchange: Exchange): Promise<Answer> {
  const { edition, answers } = exchange.body as SendForm;
  const own = await openOwn(exchange, [FILL, READ]);
  const { form, line, kept } = await openForm(exchange, own);
  const { charts, patientId } = own;
  const { effect } = effectOf(exchange);
  const told = toldOf(own);
  if (edition !== form.edition) return failTold(charts, told, { kind: "business-rule", rule: "form-edition" });
  const nowMs = systemClock.now();
  const made = responseOf(form, answers, { patientId, nowMs });
  if (!made.ok) return failTold(charts, told, invalid(made.error));
  const valid = validateResource(made.value);
  invariant(valid.ok, "a form of ours makes a valid response");
  const scope = openScope(exchange, charts.recordGrant);
  const empty = { edition, answers: [], savedAtMs: nowMs };
  const place = { patientId, form: form.id };
  const written = await charts.records.create(charts.recordGrant, valid.value, {
    id: responseIdOf(form, patientId),
    ...(effect !== undefined && { effect }),
    ...(kept !== undefined && {
      beside: async (eventId: string) => {
        const change = await keepFormDraft(scope.privacy, place, empty, kept.draft, { eventId });
        return change.ok ? { ok: true as const, value: change.value.writes } : asRecordFailure(change.error);
      },
    }),
  });
  if (!written.ok) {
    const isSent = written.error.kind === "conflict" && written.error.reason === "exists";
    return fail(isSent ? { kind: "business-rule", rule: "form-sent" } : toFailure(written.error));
  }
  return json(201, { ...line, state: "sent", at: toInstant(nowMs) } satisfies OwnFormLine);
}

const asRecordFailure = ({ kind }: PrivacyFailure) => ({
  ok: false as const,
  error: { kind: kind === "throttled" || kind === "integrity" || kind === "suspended" ? kind : "unavailable" } as const,
});

export const formHandlers = { listOwnForms, readOwnForm, keepFormDraft: keepDraft, sendForm };
