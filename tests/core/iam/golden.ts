import { createHash } from "node:crypto";
import type { AccessPrincipal } from "../../../core/iam/index.ts";
import type { Judged } from "./mutants.ts";
import { principals, site } from "./stage.ts";

const shortName = (arn: string): string => arn.split(":").slice(5).join(":");
const callerName = (principal: AccessPrincipal): string =>
  Object.entries(principals).find(([, known]) => known.arn === principal.arn)?.[0] ?? "nobody";

/**
 * What a layer decides, to be read as a diff. For the document of a role: every action and resource that it allows, in
 * how many of the contexts. For the policy on a resource: every action that it refuses to somebody, and who has it.
 * The hash stands for all the single decisions.
 */
export function summarize({ layer, letters }: Judged): string {
  const isOnResource = /^(table|bucket|key)\//.test(layer.name);
  const cells = new Map<string, { allowed: number; all: number }>();
  const guarded = new Set<string>();
  const totals = { allowed: 0, deniedSilently: 0, deniedExplicitly: 0 };
  for (const [index, { action, resource, principal, context }] of layer.requests.entries()) {
    const letter = letters[index];
    const isAllowed = letter === "A" || letter === "R";
    if (isAllowed) totals.allowed += 1;
    else if (letter === "X") totals.deniedExplicitly += 1;
    else totals.deniedSilently += 1;
    const isOrdinary = context["aws:SecureTransport"] !== "false" && principal.accountId === site.accountId;
    if (!isAllowed && isOrdinary) guarded.add(action);
    const where = isOnResource || layer.name.startsWith("trust/") ? callerName(principal) : shortName(resource);
    const cell = cells.get(`${action} ${where}`) ?? { allowed: 0, all: 0 };
    cell.all += 1;
    if (isAllowed) cell.allowed += 1;
    cells.set(`${action} ${where}`, cell);
  }
  const allowed = [...cells]
    .filter(([name, cell]) => cell.allowed > 0 && (!isOnResource || guarded.has(name.split(" ")[0] ?? "")))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, cell]) => [name, `${cell.allowed} of ${cell.all}`] as const);
  const sha256 = createHash("sha256").update(letters).digest("hex");
  return `${JSON.stringify({ requests: letters.length, totals, sha256, allowed: Object.fromEntries(allowed) }, null, 2)}\n`;
}
