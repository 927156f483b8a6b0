import { type Command, Option } from "commander";
import type { ApprovalView, TenantView } from "../../../core/contract/index.ts";
import { operatorApi } from "../callers.ts";
import { type Output, table } from "../output.ts";
import { readProfile } from "../profile.ts";
import { reasonHeaders, type Stated, withReason } from "../reason.ts";

/** The contract's word for each of the flag's. */
const GO_LIVE = { open: "at-once", "after-checklist": "after-checklist" } as const;

interface NewTenant extends Stated {
  readonly tier: string;
  readonly region: string;
  readonly goLive: keyof typeof GO_LIVE;
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
    .action(async (name: string, { tier, region, goLive, ...stated }: NewTenant) => {
      const created = await operatorApi(readProfile()).json<TenantView | ApprovalView>({
        method: "POST",
        path: "/platform/tenants",
        headers: reasonHeaders(stated),
        body: { name, tier, region, goLive: GO_LIVE[goLive] },
      });
      if ("approval" in created)
        print(
          created,
          `waits for a second operator until ${created.expiresAt}: the same with --approval ${created.approval}`,
        );
      else print(created, `created ${created.id}  ${created.name}  ${created.tier}  ${created.cell}`);
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
