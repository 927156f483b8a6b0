import { type Command, Option } from "commander";
import { ADMINISTRATIVE_REASONS } from "../../core/contract/index.ts";

/** What an operator says about an administrative act. */
export interface Stated {
  readonly reason: string;
  readonly why?: string;
  readonly approval?: string;
}

/** Adds the options with which an operator says why, and answers for what another asked for. */
export const withReason = (command: Command, reason: (typeof ADMINISTRATIVE_REASONS)[number]): Command =>
  command
    .addOption(
      new Option("--reason <code>", "why, for the clinic's trail").choices(ADMINISTRATIVE_REASONS).default(reason),
    )
    .option("--why <text>", "why, in your own words; sealed in the clinic's trail")
    .option("--approval <id>", "the request of another operator that this approves, with the same options");

/** RFC 8187 3.2.1: a header holds no other letters. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/['()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

/** The headers of an administrative request. */
export const reasonHeaders = ({ reason, why, approval }: Stated): Readonly<Record<string, string>> => ({
  "x-reason": why === undefined ? reason : `${reason}; text*=UTF-8''${encoded(why)}`,
  ...(approval === undefined ? {} : { "x-approval": approval }),
});
