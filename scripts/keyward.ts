// `npm run keyward -- <command>`: what an operator does from a terminal.
import { Command, CommanderError } from "commander";
import { registerAudit } from "./cli/commands/audit.ts";
import { registerCall } from "./cli/commands/call.ts";
import { registerCost } from "./cli/commands/cost.ts";
import { registerImport } from "./cli/commands/import.ts";
import { registerKey } from "./cli/commands/key.ts";
import { registerPolicy } from "./cli/commands/policy.ts";
import { registerTenant } from "./cli/commands/tenant.ts";
import { registerUser } from "./cli/commands/user.ts";
import { CliFailure, EXIT } from "./cli/failure.ts";
import { createOutput } from "./cli/output.ts";

const program = new Command("keyward")
  .description(
    "Keyward's operator tool. It talks to the stage that the profile names (KEYWARD_PROFILE, else .keyward/profile.json).",
  )
  .option("--json", "print one JSON document instead of text")
  .addHelpText(
    "after",
    "\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the API, 4 not reachable, 5 the audit trail or a recorded decision does not verify.",
  )
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) });

const isJson = (): boolean => program.opts<{ readonly json?: boolean }>().json === true;
const output = createOutput(isJson);

registerTenant(program, output);
registerUser(program, output);
registerImport(program, output);
registerAudit(program, output);
registerKey(program, output);
registerCall(program, output);
registerPolicy(program, output);
registerCost(program, output);

// A reader that goes away, such as `head`, has what it wanted.
process.stdout.on("error", (error: NodeJS.ErrnoException) =>
  process.exit(error.code === "EPIPE" ? EXIT.ok : EXIT.failed),
);
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else if (error instanceof CliFailure) {
    process.stderr.write(isJson() ? `${JSON.stringify({ error: error.message })}\n` : `keyward: ${error.message}\n`);
    process.exitCode = error.exitCode;
  } else {
    // An AWS refusal or a bug: its name, and never a stack of ours where a person reads.
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    process.stderr.write(`keyward: ${name}: ${message.split("\n")[0] ?? ""}\n`);
    process.exitCode = EXIT.failed;
  }
}
