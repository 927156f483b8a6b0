import { DAY_MS, HOUR_MS, monthOfMs } from "../../core/cost/period.ts";
import type { DailyUsage } from "../../core/cost/rating.ts";
import { type MeteredFact, parseFact } from "../../core/cost/usage.ts";
import { FACTS_PATTERN, factLine } from "../../core/cost/store/log-lines.ts";
import type { BilledRow } from "../local/billing/index.ts";
import type { Stack } from "../local/stack.ts";
import { openMemberSession } from "../start/member-session.ts";
import { clinicSizes, visitScripts, visitsOn } from "./clinics.ts";
import { collectedUsage } from "./collected.ts";
import { visit } from "./day.ts";
import { readEvents } from "./log-events.ts";
import { openReplay, type ReplayStage } from "./stage.ts";

export interface ReplayOptions {
  readonly seed: string;
  readonly clinics: number;
  readonly days: number;
  readonly mostVisits?: number;
  readonly schedulesEveryHours: number;
  readonly onDay?: (day: number, visits: number) => void;
}

export interface ReplayedClinic {
  readonly tenantId: string;
  readonly visits: number;
}

/** What a replay leaves: two counts of the same work that know nothing of each other. */
export interface Replayed {
  readonly startMs: number;
  readonly endMs: number;
  readonly accountId: string;
  readonly clinics: readonly ReplayedClinic[];
  /** The product's own lines, out of its functions' logs. */
  readonly facts: readonly MeteredFact[];
  /** The tenant of those who run the platform: what is done for it is the platform's own work. */
  readonly operations: string;
  /** Functions of another account, whose logs the stage may not read. */
  readonly elsewhere: ReadonlySet<string>;
  /** Lines of the meter that are no facts. */
  readonly unread: number;
  /** The month's usage as the product's collector keeps it. */
  readonly collected: readonly DailyUsage[];
  /** The embedded AWS's count. */
  readonly billed: readonly BilledRow[];
}

const OPENS_AT_MS = 14 * HOUR_MS;
const BETWEEN_VISITS_MS = 20_000;

/** Clinics at work for so many days of the stage's own clock, with all that runs behind them. */
export async function replay(options: ReplayOptions): Promise<Replayed> {
  const stage = await openReplay(options);
  try {
    return await work(stage, options);
  } finally {
    await stage.close();
  }
}

function operationsOf({ cloud }: Stack): string {
  const row = cloud.dynamodb.dumpItems("keyward-dev-registry").find(({ isOperations }) => isOperations !== undefined);
  const { S: tenantId = "" } = (row?.["tenantId"] ?? {}) as { readonly S?: string };
  return tenantId;
}

async function work(
  stage: ReplayStage,
  { seed, days, mostVisits, onDay, clinics: count }: ReplayOptions,
): Promise<Replayed> {
  const { stack, clock, startMs } = stage;
  const sizes = clinicSizes(count, mostVisits);
  const clinics = stage.clinics.map(({ tenantId, member }, index) => ({
    ...(sizes[index] ?? { firstDay: 1, visitsPerDay: 1, weekday: undefined }),
    tenantId,
    member,
    memory: { patients: [] as string[] },
    visits: 0,
  }));
  const facts: MeteredFact[] = [];
  let unread = 0;
  const collect = async (
    fromMs: number,
    toMs: number,
    isWanted: (fact: MeteredFact) => boolean = () => true,
  ): Promise<void> => {
    for (const { functionName } of stack.lambda.functions().filter((one) => one.accountId === undefined))
      for (const event of await readEvents(stack, { functionName, fromMs, toMs, pattern: FACTS_PATTERN })) {
        const fn = functionName.replace(/^keyward-dev-/, "");
        const parsed = parseFact(factLine(event, { stage: "dev", cell: "c01", fn }).text);
        if (!parsed.ok) unread += 1;
        else if (isWanted(parsed.value)) facts.push(parsed.value);
      }
  };
  // What is stored already when the first day begins; what was used until then is none of the replay's.
  await collect(0, startMs - 1, ({ kind }) => kind === "storage-delta.v1");
  for (let day = 0; day < days; day += 1) {
    const dayMs = startMs + day * DAY_MS;
    await stage.passUntil(dayMs + OPENS_AT_MS);
    let visits = 0;
    for (const clinic of clinics) {
      const today = visitsOn(clinic, dayMs, day === 0);
      if (today === 0) continue;
      const session = await openMemberSession(stack.endpoint, clinic.member, clock.now());
      for (const script of visitScripts(`${seed}/${clinic.tenantId}/${day}`, today, clinic.memory.patients.length)) {
        await visit(session, clinic.memory, script);
        await clock.advance(BETWEEN_VISITS_MS);
      }
      clinic.visits += today;
      visits += today;
    }
    await stack.drain();
    await stage.passUntil(dayMs + DAY_MS);
    await stack.drain();
    await collect(dayMs, dayMs + DAY_MS - 1);
    onDay?.(day + 1, visits);
  }
  const billed = stack.bill();
  // The collector once more, over what the last hours left.
  await stage.passUntil(clock.now() + HOUR_MS);
  await stack.lambda.invoke("keyward-dev-meter", {});
  const collected = await collectedUsage(stack, monthOfMs(startMs));
  const [from, to] = [startMs, startMs + days * DAY_MS].map((ms) => new Date(ms).toISOString().slice(0, 13));
  return {
    startMs,
    endMs: startMs + days * DAY_MS,
    accountId: stack.cloud.accountId,
    clinics: clinics.map(({ tenantId, visits }) => ({ tenantId, visits })),
    operations: operationsOf(stack),
    elsewhere: new Set(
      stack.lambda.functions().flatMap((one) => (one.accountId === undefined ? [] : one.functionName)),
    ),
    facts,
    unread,
    collected,
    billed: billed.filter(({ hour }) => hour >= (from ?? "") && hour < (to ?? "")),
  };
}
