import type { ChangeTemplates, NoteTemplatesView } from "../../../core/contract/index.ts";
import { changeTemplates as change, readTemplates as read } from "../../../core/encounter/index.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import { fail } from "../../http/failure.ts";
import { actOnce, tell } from "../act.ts";
import { type Affair, openAffair } from "../context.ts";
import { failureOf } from "../failures.ts";

const ENTITIES = [{ type: "NoteTemplates" }];

async function viewOf({ privacy }: Affair): Promise<NoteTemplatesView> {
  const found = await read(privacy);
  if (!found.ok) return fail(failureOf(found.error));
  return { ...found.value.value, version: found.value.version };
}

/** GET /clinic/note-templates */
export async function readTemplates(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const view = await viewOf(affair);
  await tell(affair, { entities: ENTITIES });
  return json(200, view);
}

/** PUT /clinic/note-templates: over the version that the editor has before her. */
export async function changeTemplates(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const { version, templates, snippets } = exchange.body as ChangeTemplates;
  return actOnce(affair, {
    told: { entities: ENTITIES, count: templates.length },
    change: (marks) => change(affair.privacy, { templates, snippets }, version, marks),
    reference: "note-templates",
    answer: async () => json(200, await viewOf(affair)),
  });
}
