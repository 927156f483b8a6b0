import type { Command } from "commander";
import { sentenceOf } from "../api.ts";
import { memberApi, operatorApi } from "../callers.ts";
import { CliFailure, EXIT } from "../failure.ts";
import type { Output } from "../output.ts";
import { readProfile } from "../profile.ts";

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
