import { type Command, Option } from "commander";
import type { ApprovalView, TenantView, TierAdviceView } from "../../../core/contract/index.ts";
import { operatorApi } from "../callers.ts";
import { CliFailure } from "../failure.ts";
import { type Output, table } from "../output.ts";
import { readProfile } from "../profile.ts";
import { reasonHeaders, type Stated, withReason } from "../reason.ts";

/** The contract's word for each of the flag's. */
const GO_LIVE = { open: "at-once", "after-checklist": "after-checklist" } as const;

interface NewTenant extends Stated {
  readonly tier: string;
  readonly region: string;
  readonly goLive: keyof typeof GO_LIVE;
  readonly profile?: string;
}

/** What the tenancy decision says of this kind of clinic, before anything is made. */
function adviceLines({ name, because, recommended, tiers, decisionId, priceListId }: TierAdviceView, chosen: string) {
  const rows = tiers.map(({ tier, price, cost, isPlaceable, isolation }) => [
    `${tier === recommended ? "*" : " "}${tier === chosen ? ">" : " "} ${tier}`,
    price,
    cost,
    isPlaceable ? "yes" : "not here yet",
    isolation,
  ]);
  return [
    `${name}: ${recommended} is recommended. ${because}`,
    table(["  TIER", "USD A MONTH", "COSTS US", "PLACEABLE", "ISOLATION"], rows),
    `* recommended, > chosen; ${decisionId}, prices ${priceListId}`,
  ].join("\n");
}

/** `keyward tenant`: clinics of a stage. */
export function registerTenant(program: Command, { print }: Output): void {
  const tenant = program.command("tenant").description("tenants of this stage");

  withReason(tenant.command("create"), "onboarding")
    .description("create a clinic with its keys")
    .argument("<name>", "what the clinic is called")
    .addOption(
      new Option("--tier <tier>", "isolation tier")
        .choices(["pooled", "own-keys", "own-cell", "own-stack"])
        .default("pooled"),
    )
    .option("--region <region>", "where its records must stay", "us-east-1")
    .addOption(
      new Option("--go-live <when>", "open from the start, or closed to patients until its administrator opens it")
        .choices(Object.keys(GO_LIVE))
        .default("open"),
    )
    .option("--profile <profile>", "what kind of clinic it is: its tier is weighed, and the decision is kept with it")
    .action(async (name: string, { tier, region, goLive, profile, ...stated }: NewTenant) => {
      const api = operatorApi(readProfile());
      const advice =
        profile === undefined
          ? undefined
          : await api.json<TierAdviceView>({ method: "GET", path: `/platform/tiers/${encodeURIComponent(profile)}` });
      if (advice !== undefined) process.stderr.write(`${adviceLines(advice, tier)}\n`);
      const created = await api.json<TenantView | ApprovalView>({
        method: "POST",
        path: "/platform/tenants",
        headers: reasonHeaders(stated),
        body: { name, tier, region, goLive: GO_LIVE[goLive], ...(profile === undefined ? {} : { profile }) },
      });
      if ("approval" in created)
        print(
          created,
          `waits for a second operator until ${created.expiresAt}: the same with --approval ${created.approval}`,
        );
      else print(created, `created ${created.id}  ${created.name}  ${created.tier}  ${created.cell}`);
    });

  tenant
    .command("decision")
    .description("print the tenancy decision that is kept with a clinic, as JSON")
    .argument("<id>", "the clinic's id")
    .action(async (id: string) => {
      const { tenants } = await operatorApi(readProfile()).json<{ tenants: TenantView[] }>({
        method: "GET",
        path: "/platform/tenants",
      });
      const found = tenants.find((each) => each.id === id);
      if (found === undefined) throw new CliFailure("no clinic has that id");
      if (found.decision === undefined) throw new CliFailure("the clinic was made without a profile");
      print(found.decision, JSON.stringify(found.decision, null, 2));
    });

  tenant
    .command("list")
    .description("list all clinics")
    .action(async () => {
      const { tenants } = await operatorApi(readProfile()).json<{ tenants: TenantView[] }>({
        method: "GET",
        path: "/platform/tenants",
      });
      const rows = tenants.map((row) => [row.id, row.name, row.tier, row.cell, row.status, row.createdAt.slice(0, 10)]);
      print(
        tenants,
        rows.length === 0 ? "no tenants yet" : table(["ID", "NAME", "TIER", "CELL", "STATUS", "SINCE"], rows),
      );
    });
}
