import { renderView, SECTION_NAMES, type SectionName } from "../../core/view/index.ts";
import { noticeHeaders } from "../fhir/redisclosure.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { viewChart } from "./viewing.ts";

/** The sections that `?section=` names, in the order of the model; all of them where it names none. */
function sectionsOf(exchange: Exchange): readonly SectionName[] {
  const named = exchange.query.getAll("section").flatMap((text) => text.split(","));
  if (named.length === 0) return SECTION_NAMES;
  const isKnown = named.every((name) => SECTION_NAMES.some((known) => known === name));
  return isKnown
    ? SECTION_NAMES.filter((known) => named.includes(known))
    : fail({ kind: "structure", rule: "section" });
}

/** GET /clinic/patients/{id}/view: the chart as the caller's role sees it, each field in one of six states. */
export async function readView(exchange: Exchange): Promise<Answer> {
  const sections = sectionsOf(exchange);
  const { input } = await viewChart(exchange, exchange.path["id"] ?? "", sections);
  return json(200, renderView(input, sections), noticeHeaders(input.records));
}
