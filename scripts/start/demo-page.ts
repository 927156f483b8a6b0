import * as z from "zod";
import type { DemoSignIn } from "../../core/contract/demo-sign-in.ts";
import { credentialKey } from "../../core/tenant/index.ts";
import type { Member, Profile } from "../cli/profile.ts";
import type { Stack } from "../local/stack.ts";
import { demoSignIns } from "./sign-ins.ts";

const REGISTRY = "keyward-dev-registry";
const text = z.looseObject({ S: z.string() });
const StoredCredential = z.looseObject({ pk: text, sk: text, totpStep: z.looseObject({ N: z.string() }) });

/** What the sign-in page of a local stage is told of the synthetic members. */
export interface DemoAnswer {
  readonly signIns: readonly DemoSignIn[];
}

export interface DemoPage {
  /** Nobody, until there is somebody to show. */
  readonly answer: () => DemoAnswer;
  /** @param clinics Names by tenant id. */
  show(stack: Stack, profile: Profile, clinics: ReadonlyMap<string, string>): void;
}

/** The last time step that a member has shown a code of. Read from the disk of this machine, past every role. */
function lastStepOf(stack: Stack, { userId }: Member): number {
  if (userId === undefined) return 0;
  const { pk, sk } = credentialKey(userId);
  for (const item of stack.cloud.dynamodb.dumpItems(REGISTRY)) {
    const { data } = StoredCredential.safeParse(item);
    if (data?.pk.S === pk && data.sk.S === sk) return Number(data.totpStep.N);
  }
  return 0;
}

/** Answers the address that only a stage of `npm start` has, from when its members are made. */
export function demoPage(): DemoPage {
  let signIns: () => readonly DemoSignIn[] = () => [];
  return {
    answer: () => ({ signIns: signIns() }),
    show(stack, { members }, clinics) {
      signIns = () =>
        demoSignIns(
          members,
          (tenantId) => clinics.get(tenantId) ?? tenantId,
          (member) => lastStepOf(stack, member),
          Date.now(),
        );
    },
  };
}
