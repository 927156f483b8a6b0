import { functionName } from "../../core/iam/index.ts";
import type { Stack } from "../local/stack.ts";
import { SITE } from "./profile.ts";

/** Rounds of its worker that an export of one chart takes at most: its records with its documents, and the end. */
const ROUNDS = 2;

/** Works off what was approved, as the schedule does minute by minute. */
export async function workOffExports({ lambda }: Stack): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) await lambda.invoke(functionName(SITE, "export"), {});
}
