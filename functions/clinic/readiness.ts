import type { OpenClinic, PersonView, ReadinessAnswer, ReadinessItem } from "../../core/contract/index.ts";
import { systemClock, toInstant } from "../../core/kernel/clock.ts";
import { readClinicTime } from "../../core/schedule/profile.ts";
import type { Row } from "../../core/table/index.ts";
import { parseRow, PrivacyRow, privacyKey, type RegistryRow, TenantRow, tenantKey } from "../../core/tenant/index.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { failTold, tell, type Told } from "./act.ts";
import { type Affair, openAffair, standingOptions, zone } from "./context.ts";
import { membersOf } from "./people.ts";
import { changeOwnRow } from "./registry.ts";

/** One can be ill, or the one to be reviewed: every act that takes two people takes two administrators. */
const ADMINISTRATORS_MIN = 2;

interface Settled {
  readonly tenant: TenantRow;
  readonly before: RegistryRow | undefined;
  readonly answer: ReadinessAnswer;
}

const isAtWork = ({ status, kind }: PersonView): boolean => status === "active" && kind === "user";

/** What the clinic has settled, from its settings and its members as they are now. */
async function settledBy(affair: Affair): Promise<Settled> {
  const { tenantId } = affair.principal;
  const tenantRow = await zone.registry.get(tenantKey(tenantId));
  if (tenantRow === undefined) return fail({ kind: "not-found" });
  const tenant = parseRow(TenantRow, tenantRow) as TenantRow;
  const before = await zone.registry.get(privacyKey(tenantId));
  const time = await readClinicTime(zone.registry, tenantId);
  const settings = before === undefined ? undefined : parseRow(PrivacyRow, before);
  const members = (await membersOf(affair)).filter(isAtWork);
  const officers = members.filter(({ isPrivacyOfficer }) => isPrivacyOfficer);
  const administrators = members.filter(({ roles }) => roles.includes("clinic-administrator"));
  const item = (name: ReadinessItem, isDone: boolean, count?: number) => ({
    item: name,
    isDone,
    ...(count !== undefined && { count }),
  });
  const liveSinceMs = settings?.liveSinceMs;
  return {
    tenant,
    before,
    answer: {
      state: tenant.isGated === true && liveSinceMs === undefined ? "gated" : "live",
      ...(liveSinceMs !== undefined && { liveSince: toInstant(liveSinceMs) }),
      items: [
        item("privacy-officers", officers.length > 0, officers.length),
        // Nobody has chosen what was never saved, also where the default is right.
        item("relationship", settings !== undefined),
        item("time-zone", time.timeZone !== undefined),
        item("two-administrators", administrators.length >= ADMINISTRATORS_MIN, administrators.length),
        // Of who looks: a factor that was shown just now is one that works when it is needed.
        item("step-up", standingOptions(affair.exchange).steppedUp === true),
      ],
      refused: tenant.isGated === true && liveSinceMs === undefined ? ["patients", "exports", "delegations"] : [],
    },
  };
}

/** GET /clinic/settings/readiness. */
export async function readReadiness(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const { answer } = await settledBy(affair);
  await tell(affair, { entities: [{ type: "PrivacySettings", id: affair.principal.tenantId }] });
  return json(200, answer);
}

/**
 * POST /clinic/settings/go-live: opens a clinic that was made with a checklist, once, for good. What was refused until
 * then is policy's, which reads the row that this writes.
 */
export async function openClinic(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const { tenantId, userId } = affair.principal;
  const { confirm } = exchange.body as OpenClinic;
  const told: Told = { entities: [{ type: "PrivacySettings", id: tenantId }], reason: "onboarding" };
  const { tenant, before, answer } = await settledBy(affair);
  if (answer.state === "live") return failTold(affair, told, { kind: "business-rule", rule: "already-live" });
  if (answer.items.some(({ isDone }) => !isDone) || before === undefined)
    return failTold(affair, told, { kind: "business-rule", rule: "checklist" });
  if (confirm !== tenant.name)
    return failTold(affair, told, { kind: "business-rule", rule: "confirmation", path: "confirm" });
  await tell(affair, { ...told, stage: "start" });
  await tell(affair, { ...told, stage: "approve", approverId: userId });
  return finish(affair, before, { ...told, stage: "finish", approverId: userId });
}

async function finish(affair: Affair, { rev, ...before }: RegistryRow, told: Told): Promise<Answer> {
  const row = { ...before, liveSinceMs: systemClock.now() } as unknown as Row;
  const written = await changeOwnRow(affair, { ...told, interaction: "settings.go-live" }, row, rev);
  return written.ok ? json(200, (await settledBy(affair)).answer) : failTold(affair, told, written.error);
}
