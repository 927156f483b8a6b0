import type { ChangePortalSettings, PortalSettingsView, SentForms } from "../../core/contract/index.ts";
import { changePortalSettings as change, readPortalSettings as read, sentFormsOf } from "../../core/portal/index.ts";
import { ABSENT, chartOf, restricted } from "../../core/view/index.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { actOnce, tell } from "./act.ts";
import { type Affair, openAffair } from "./context.ts";
import { failureOf } from "./failures.ts";
import { viewChart, type Viewed } from "./viewing.ts";

const ENTITIES = [{ type: "PortalSettings" }];

async function viewOf({ privacy }: Affair): Promise<PortalSettingsView> {
  const found = await read(privacy);
  if (!found.ok) return fail(failureOf(found.error));
  return { settings: found.value.value, version: found.value.version };
}

/** GET /clinic/portal-settings */
async function readPortalSettings(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const view = await viewOf(affair);
  await tell(affair, { entities: ENTITIES });
  return json(200, view);
}

/** PUT /clinic/portal-settings: over the version that the administrator has before her. */
async function changePortalSettings(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const { version, settings } = exchange.body as ChangePortalSettings;
  return actOnce(affair, {
    told: { entities: ENTITIES },
    change: (marks) => change(affair.privacy, settings, version, marks),
    reference: "portal-settings",
    answer: async () => json(200, await viewOf(affair)),
  });
}

/** To whom a patient's own words about her health go: those who treat her, and herself. */
const READERS: ReadonlySet<string> = new Set(["clinician", "nurse", "patient"]);

function formsIn({ input }: Viewed): SentForms["forms"] {
  const reading = input.readings.C;
  if (!READERS.has(input.consumer) || reading === undefined) {
    const isDenied = input.ruling.byClass.C === "deny";
    return restricted(isDenied ? "consent" : "minimum-necessary") as SentForms["forms"];
  }
  if (reading.state === "failed") return { state: "unavailable", reason: "not-read" };
  const forms = sentFormsOf(chartOf(input).of("QuestionnaireResponse"));
  return forms.length === 0 ? ABSENT : { state: "value", value: forms };
}

/** GET /clinic/patients/{id}/forms */
async function listSentForms(exchange: Exchange): Promise<Answer> {
  const patient = exchange.path["id"] ?? "";
  const viewed = await viewChart(exchange, patient, ["documents"]);
  return json(200, { patient, forms: formsIn(viewed) } satisfies SentForms);
}

export const portalHandlers = { readPortalSettings, changePortalSettings, listSentForms };
