import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import { operatorApi } from "../callers.ts";
import type { Output } from "../output.ts";
import { readProfile } from "../profile.ts";
import { reasonHeaders, type Stated, withReason } from "../reason.ts";

/** `keyward user`: members of a clinic. */
export function registerUser(program: Command, { print }: Output): void {
  withReason(program.command("user").description("members of a clinic").command("add"), "staff-change")
    .description("add a member; prints the authenticator secret once")
    .requiredOption("--tenant <id>", "the clinic")
    .requiredOption("--login <login>", "what the member signs in with")
    .requiredOption("--name <name>", "the name that colleagues see")
    .requiredOption(
      "--role <role...>",
      "physician, nurse, front-desk, billing, clinic-administrator, auditor, patient ...",
    )
    .option("--patient <id>", "the Patient that a member with the role patient is")
    .option("--practitioner <id>", "the Practitioner that the member is")
    .option("--password <password>", "at least 12 characters; a random one is made and printed if absent")
    .action(
      async (
        options: {
          tenant: string;
          login: string;
          name: string;
          role: string[];
          patient?: string;
          practitioner?: string;
          password?: string;
        } & Stated,
      ) => {
        const password = options.password ?? randomBytes(12).toString("base64url");
        const added = await operatorApi(readProfile()).json<{ userId: string; totpSecret: string; totpUri: string }>({
          method: "POST",
          path: `/platform/tenants/${encodeURIComponent(options.tenant)}/users`,
          headers: reasonHeaders(options),
          body: {
            login: options.login,
            displayName: options.name,
            roles: options.role,
            password,
            ...(options.patient === undefined ? {} : { patientId: options.patient }),
            ...(options.practitioner === undefined ? {} : { practitionerId: options.practitioner }),
          },
        });
        const shown = { ...added, ...(options.password === undefined ? { password } : {}) };
        const lines = [`added ${added.userId}  ${options.login}`, `authenticator  ${added.totpUri}`];
        if (options.password === undefined) lines.push(`password       ${password}`);
        print(shown, [...lines, "Neither is shown again."].join("\n"));
      },
    );
}
