// `npm run keyward -- <command>`: what an operator does from a terminal.
import { randomBytes } from "node:crypto";
import path from "node:path";
import { Command, CommanderError, Option } from "commander";
import type { KeyView, TenantView } from "../core/contract/index.ts";
import { Api, sentenceOf } from "./cli/api.ts";
import { archivedTenants, bucketReader, folderReader, loadLogKey, verifyTenant } from "./cli/audit-verify.ts";
import { CliFailure, EXIT } from "./cli/failure.ts";
import { ImportJournal } from "./cli/import/journal.ts";
import { runImport } from "./cli/import/run.ts";
import { readSource } from "./cli/import/source.ts";
import { dataFolder, type Profile, readProfile, writeProfile } from "./cli/profile.ts";
import { createProgress } from "./cli/progress.ts";
import { clientToken, memberToken, newClientKey } from "./cli/sign-in.ts";

interface GlobalOptions {
  readonly json?: boolean;
}

const program = new Command("keyward")
  .description(
    "Keyward's operator tool. It talks to the stage that the profile names (KEYWARD_PROFILE, else .keyward/profile.json).",
  )
  .option("--json", "print one JSON document instead of text")
  .addHelpText(
    "after",
    "\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the API, 4 not reachable, 5 the audit trail does not verify.",
  )
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) });

const isJson = (): boolean => program.opts<GlobalOptions>().json === true;

function print(value: unknown, text: string): void {
  process.stdout.write(isJson() ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`);
}

/** Columns as wide as their widest cell. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const operatorApi = (profile: Profile): Api =>
  new Api(profile.publicUrl, () => clientToken(profile.publicUrl, profile.operator, "platform"));

function memberApi(profile: Profile, login: string): Api {
  const member = profile.members.find((known) => known.login === login);
  if (member === undefined) {
    const known = profile.members.map((entry) => entry.login).join(", ");
    throw new CliFailure(
      `the profile holds no member ${login}${known === "" ? "" : `; it holds ${known}`}`,
      EXIT.usage,
    );
  }
  return new Api(profile.publicUrl, () => memberToken(profile.publicUrl, member));
}

/** A client of the tenant that may write records, made on the first import and kept in the profile. */
async function importerApi(profile: Profile, tenantId: string): Promise<Api> {
  let client = profile.importers[tenantId];
  if (client === undefined) {
    const key = newClientKey();
    const added = await operatorApi(profile).json<{ clientId: string }>({
      method: "POST",
      path: `/platform/tenants/${encodeURIComponent(tenantId)}/clients`,
      body: { name: "keyward import", roles: ["integration"], jwks: { keys: [key.publicJwk] } },
    });
    client = { clientId: added.clientId, privateJwk: key.privateJwk };
    writeProfile({ ...profile, importers: { ...profile.importers, [tenantId]: client } });
  }
  const importer = client;
  return new Api(profile.publicUrl, () => clientToken(profile.publicUrl, importer, "system/*.cruds"));
}

const tenant = program.command("tenant").description("tenants of this stage");

tenant
  .command("create")
  .description("create a clinic with its keys")
  .argument("<name>", "what the clinic is called")
  .addOption(
    new Option("--tier <tier>", "isolation tier")
      .choices(["pooled", "own-keys", "own-cell", "own-stack"])
      .default("pooled"),
  )
  .option("--region <region>", "where its records must stay", "us-east-1")
  .action(async (name: string, options: { tier: string; region: string }) => {
    const created = await operatorApi(readProfile()).json<TenantView>({
      method: "POST",
      path: "/platform/tenants",
      body: { name, ...options },
    });
    print(created, `created ${created.id}  ${created.name}  ${created.tier}  ${created.cell}`);
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

program
  .command("user")
  .description("members of a clinic")
  .command("add")
  .description("add a member; prints the authenticator secret once")
  .requiredOption("--tenant <id>", "the clinic")
  .requiredOption("--login <login>", "what the member signs in with")
  .requiredOption("--name <name>", "the name that colleagues see")
  .requiredOption(
    "--role <role...>",
    "physician, nurse, front-desk, billing, clinic-administrator, auditor, patient ...",
  )
  .option("--patient <id>", "the Patient that a member with the role patient is")
  .option("--password <password>", "at least 12 characters; a random one is made and printed if absent")
  .action(
    async (options: {
      tenant: string;
      login: string;
      name: string;
      role: string[];
      patient?: string;
      password?: string;
    }) => {
      const password = options.password ?? randomBytes(12).toString("base64url");
      const added = await operatorApi(readProfile()).json<{ userId: string; totpSecret: string; totpUri: string }>({
        method: "POST",
        path: `/platform/tenants/${encodeURIComponent(options.tenant)}/users`,
        body: {
          login: options.login,
          displayName: options.name,
          roles: options.role,
          password,
          ...(options.patient === undefined ? {} : { patientId: options.patient }),
        },
      });
      const shown = { ...added, ...(options.password === undefined ? { password } : {}) };
      const lines = [`added ${added.userId}  ${options.login}`, `authenticator  ${added.totpUri}`];
      if (options.password === undefined) lines.push(`password       ${password}`);
      print(shown, [...lines, "Neither is shown again."].join("\n"));
    },
  );

program
  .command("import")
  .description("import FHIR R4 bundles, resources or NDJSON; the same command again goes on or changes nothing")
  .argument("<source>", ".json, .ndjson, .tgz, .tar.gz, .tar, or a directory of them")
  .requiredOption("--tenant <id>", "the clinic that the records belong to")
  .option("--concurrency <n>", "pieces at a time", (text) => Number.parseInt(text, 10), 3)
  .action(async (source: string, options: { tenant: string; concurrency: number }) => {
    if (!(options.concurrency >= 1 && options.concurrency <= 16))
      throw new CliFailure("--concurrency is 1 to 16", EXIT.usage);
    const api = await importerApi(readProfile(), options.tenant);
    const journal = new ImportJournal(path.join(dataFolder(), "imports"), options.tenant);
    const progress = createProgress();
    try {
      const report = await runImport(readSource(path.resolve(source)), {
        api,
        tenantId: options.tenant,
        journal,
        concurrency: options.concurrency,
        onProgress: ({ pieces, stored, present, refused }) =>
          progress.show(`${pieces} pieces, ${stored} stored, ${present} there already, ${refused} refused`),
      });
      progress.clear();
      const { pieces, patients, stored, present, refused, refusals, seconds, perSecond } = report;
      const total = stored + present + refused;
      const lines = [
        `${pieces} pieces, ${patients} patients, ${total} resources: ${stored} stored, ${present} there already, ${refused} refused`,
        `${seconds} s, ${perSecond} resources/s`,
        ...refusals.map(({ count, type, path: where, rule, first }) =>
          ["refused", count, "x", type, where, rule, `(first: ${first})`].filter((part) => part !== "").join(" "),
        ),
      ];
      print(report, lines.join("\n"));
      if (refused > 0) process.exitCode = EXIT.failed;
    } finally {
      journal.close();
    }
  });

program
  .command("audit")
  .description("the audit trail")
  .command("verify")
  .description("verify the archive of one clinic or all: objects, tree, signatures, chains")
  .option("--tenant <id>", "one clinic only")
  .option("--folder <path>", "a copy of the archive, instead of the bucket")
  .option("--log-key <key>", "the log's verifier key, a line or a file; without it KMS is asked")
  .action(async (options: { tenant?: string; folder?: string; logKey?: string }) => {
    const profile = readProfile();
    const reader = options.folder === undefined ? bucketReader(profile) : folderReader(path.resolve(options.folder));
    const logKey = await loadLogKey(profile, options.logKey);
    const tenants = options.tenant === undefined ? await archivedTenants(reader) : [options.tenant];
    const progress = createProgress();
    const reports = [];
    for (const tenantId of tenants) {
      reports.push(
        await verifyTenant(profile, reader, logKey, tenantId, (events) =>
          progress.show(`${tenantId}: ${events} events`),
        ),
      );
    }
    progress.clear();
    const findings = reports.flatMap((report) =>
      report.findings.map((finding) => ({ tenantId: report.tenantId, ...finding })),
    );
    const lines = [
      ...reports.map(
        (report) =>
          `${report.findings.length === 0 ? "ok  " : "FAIL"} ${report.tenantId}  ${report.events} events, ${report.objects} objects, ${report.seals} seals, ${report.writers} writers, ${report.unsealed} objects not sealed yet`,
      ),
      ...findings.map(
        ({ kind, where, detail }) => `     ${kind}  ${where}${detail === undefined ? "" : `  (${detail})`}`,
      ),
    ];
    print(reports, reports.length === 0 ? "the archive holds no events yet" : lines.join("\n"));
    if (findings.length > 0) process.exitCode = EXIT.findings;
  });

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

program
  .command("token")
  .description("print an access token of one of the profile's members")
  .requiredOption("--as <login>", "the member")
  .action(async (options: { as: string }) => {
    const token = await memberApi(readProfile(), options.as).token();
    print({ token }, token);
  });

program
  .command("call")
  .description("send one signed-in request: keyward call GET /fhir/Patient --as a.doc")
  .argument("<method>", "GET, POST, PUT or DELETE")
  .argument("<path>", "from the first slash on")
  .option("--as <login>", "a member of the profile; without it the operator")
  .option("--body <json>", "the request's body")
  .option("--header <header...>", "name: value")
  .action(async (method: string, requestPath: string, options: { as?: string; body?: string; header?: string[] }) => {
    const profile = readProfile();
    const api = options.as === undefined ? operatorApi(profile) : memberApi(profile, options.as);
    const headers = Object.fromEntries(
      (options.header ?? []).map((line) => {
        const at = line.indexOf(":");
        if (at < 1) throw new CliFailure("--header is `name: value`", EXIT.usage);
        return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
      }),
    );
    const answer = await api.call({
      method: method.toUpperCase(),
      path: requestPath,
      headers,
      ...(options.body === undefined ? {} : { body: options.body }),
    });
    const isGood = answer.status >= 200 && answer.status < 300;
    const pretty = answer.text === "" ? "" : indent(answer.text);
    if (isGood)
      print({ status: answer.status, body: parsed(answer.text) }, pretty === "" ? `status ${answer.status}` : pretty);
    else throw new CliFailure(`${method.toUpperCase()} ${requestPath}: ${sentenceOf(answer)}`, EXIT.refused);
  });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function indent(text: string): string {
  const value = parsed(text);
  return typeof value === "string" ? text : JSON.stringify(value, null, 2);
}

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
