import type { Command } from "commander";
import { sentenceOf } from "../api.ts";
import { memberApi, operatorApi } from "../callers.ts";
import { CliFailure, EXIT } from "../failure.ts";
import type { Output } from "../output.ts";
import { readProfile } from "../profile.ts";

interface CallOptions {
  readonly as?: string;
  readonly body?: string;
  readonly header?: readonly string[];
  readonly stepUp?: boolean;
  readonly showHeaders?: boolean;
}

const OWN_HEADERS = ["etag", "x-request-id", "x-audit-receipt", "x-break-glass", "x-redisclosure-notice"];

/** `keyward token` and `keyward call`: one signed-in request from a terminal. */
export function registerCall(program: Command, { print }: Output): void {
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
    .option("--step-up", "show both factors again first, for acts that ask for it; waits for a fresh code")
    .option("--show-headers", "print the answer's own headers too: receipt, emergency, redisclosure notice")
    .action(async (method: string, requestPath: string, options: CallOptions) => {
      const profile = readProfile();
      const api =
        options.as === undefined ? operatorApi(profile) : memberApi(profile, options.as, options.stepUp ?? false);
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
      if (options.showHeaders === true)
        for (const name of OWN_HEADERS) {
          const value = answer.headers.get(name);
          if (value !== null) process.stderr.write(`${name}: ${value}\n`);
        }
      const isGood = answer.status >= 200 && answer.status < 300;
      const pretty = answer.text === "" ? "" : indent(answer.text);
      if (isGood)
        print({ status: answer.status, body: parsed(answer.text) }, pretty === "" ? `status ${answer.status}` : pretty);
      else throw new CliFailure(`${method.toUpperCase()} ${requestPath}: ${sentenceOf(answer)}`, EXIT.refused);
    });
}

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
