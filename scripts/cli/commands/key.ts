import type { Command } from "commander";
import type { KeyView } from "../../../core/contract/index.ts";
import { operatorApi } from "../callers.ts";
import { type Output, table } from "../output.ts";
import { readProfile } from "../profile.ts";

/** `keyward key`: data keys of a clinic. */
export function registerKey(program: Command, { print }: Output): void {
  program
    .command("key")
    .description("data keys")
    .command("list")
    .description("list a clinic's data keys")
    .requiredOption("--tenant <id>", "the clinic")
    .action(async (options: { tenant: string }) => {
      const { keys } = await operatorApi(readProfile()).json<{ keys: KeyView[] }>({
        method: "GET",
        path: `/platform/tenants/${encodeURIComponent(options.tenant)}/keys`,
      });
      print(
        keys,
        table(
          ["CLASS", "VERSION", "STATE", "CREATED"],
          keys.map((key) => [key.class, String(key.version), key.state, key.createdAt.slice(0, 10)]),
        ),
      );
    });
}
