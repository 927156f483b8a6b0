import type { AuditEvent } from "../../core/audit/event.ts";
import type { PolicyDifference } from "../../core/policy/review/difference.ts";
import type { ReplayReport } from "../../core/policy/replay.ts";
import type { Explanation } from "../../core/policy/explain.ts";
import { table } from "./output.ts";

/** What the policy commands found, as text for a person. */

const short = (version: string): string => version.slice(0, 12);

export function differenceText({ from, to, rules, cells }: PolicyDifference): string {
  if (from === to) return `the policies are the same: ${short(from)}`;
  const named = (title: string, ids: readonly string[]): string[] =>
    ids.length === 0 ? [] : [`rules ${title}: ${ids.join(", ")}`];
  const lines = cells.flatMap((cell) => {
    const { role, action, class: recordClass = "", type = "", purpose, gained, lost } = cell;
    const row = (sign: string, situations: readonly string[]): string[][] =>
      situations.length === 0 ? [] : [[sign, role, action, recordClass, type, purpose, situations.join(" ")]];
    return [...row("+", gained), ...row("-", lost)];
  });
  return [
    `${short(from)} -> ${short(to)}`,
    ...named("added", rules.added),
    ...named("removed", rules.removed),
    ...named("changed", rules.changed),
    "",
    lines.length === 0
      ? "No answer changes."
      : table(["", "ROLE", "ACTION", "CLASS", "TYPE", "PURPOSE", "IN SITUATIONS"], lines),
    ...(lines.length === 0 ? [] : ["", "+ refused before, permitted now   - permitted before, refused now"]),
  ].join("\n");
}

export function replayText(report: ReplayReport, against: string | undefined): string {
  const { decisions, equal, different, findings, notAsked, unknown, flips } = report;
  const lines = [`${decisions} decisions: ${equal} the same, ${different} different; ${notAsked} events without one`];
  for (const { version, decisions: count } of unknown)
    lines.push(`${count} decisions of policies ${short(version)}, whose text is not in the archive: not decided again`);
  for (const { event, kind } of findings) lines.push(`DIFF ${event}  ${kind}`);
  if (different > findings.length) lines.push(`... and ${different - findings.length} more`);
  if (against === undefined) return lines.join("\n");
  lines.push("", `with policies ${short(against)}:`);
  const rows = flips.map((flip) => [
    flip.to === "permit" ? "+" : "-",
    flip.roles,
    flip.action,
    flip.class,
    flip.purpose,
    String(flip.decisions),
    String(flip.patients),
  ]);
  lines.push(
    rows.length === 0
      ? "No decision would be another."
      : table(["", "ROLES", "ACTION", "CLASS", "PURPOSE", "DECISIONS", "PATIENTS"], rows),
  );
  return lines.join("\n");
}

export function explanationText(event: AuditEvent, { inputs, rules, again, isEqual }: Explanation): string {
  const { actor, decision, consent, emergency, delegation } = event;
  const entities = event.entities.map(({ type, id }) => (id === undefined ? type : `${type}/${id}`)).join(", ");
  const facts: (readonly [string, string | undefined])[] = [
    ["event", `${event.id}  ${new Date(event.at).toISOString()}`],
    ["request", event.request],
    ["clinic", event.tenant],
    ["who", `${actor.kind} ${actor.user} as ${actor.roles.join(", ")}, client ${actor.client}`],
    ["for", event.purpose],
    ["did", `${event.interaction}${entities === "" ? "" : ` ${entities}`}`],
    ["patient", event.patient],
    ["outcome", event.outcome],
    ["consent", [consent.state, ...consent.ids].join(" ")],
    ["emergency", emergency],
    ["delegation", delegation === undefined ? undefined : `${delegation.id} of ${delegation.user}`],
    ["policies", decision.version],
    ["decision", decision.id],
    ["inputs", inputs === undefined ? "not recorded" : JSON.stringify(inputs)],
  ];
  const heads = facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(11)}${value}`]));
  const texts =
    rules.length === 0
      ? ["No rule permitted it."]
      : rules.map(({ id, text }) => (text === undefined ? `rule ${id}: its text is not at hand` : text));
  const verdict =
    isEqual === undefined
      ? "It cannot be decided again: the policies of its time, or its inputs, are not at hand."
      : isEqual
        ? `Decided again: ${again?.outcome ?? ""}, as recorded.`
        : `Decided again: ${again?.outcome ?? ""}. THAT IS NOT WHAT WAS RECORDED.`;
  return [...heads, "", ...texts, "", inputs?.ask === "none" ? "No policy was asked." : verdict].join("\n");
}
