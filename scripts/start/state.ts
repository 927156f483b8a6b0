import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { writePrivateFile } from "../cli/profile.ts";

/** What happens around the patient who can sign in, each done once. */
export const STORY_PARTS = ["copy", "consents", "documents", "visit", "thread"] as const;
export type StoryPart = (typeof STORY_PARTS)[number];

/** What has been made of a synthetic clinic: a start that was broken off goes on with the same bytes. */
const ClinicState = z.strictObject({
  /** The day that its histories end on. */
  historyDay: z.string(),
  timeZone: z.string(),
  /** By day of the clinic: the moment that its appointments were made as of, and whether all are stored. */
  days: z.record(z.string(), z.strictObject({ nowMs: z.int(), isStored: z.boolean() })),
  isSettled: z.boolean(),
  hasNotes: z.boolean(),
  hasInbox: z.boolean().default(false),
  story: z.array(z.enum(STORY_PARTS)).default([]),
});
export type ClinicState = z.infer<typeof ClinicState>;

const State = z.record(z.string(), ClinicState);

/** Kept as `demo.json` in the data folder. */
export class DemoState {
  readonly #file: string;
  readonly #clinics: z.infer<typeof State>;

  constructor(folder: string) {
    this.#file = path.join(folder, "demo.json");
    this.#clinics = existsSync(this.#file) ? State.parse(JSON.parse(readFileSync(this.#file, "utf8"))) : {};
  }

  clinic(tenantId: string): ClinicState | undefined {
    return this.#clinics[tenantId];
  }

  put(tenantId: string, state: ClinicState): ClinicState {
    this.#clinics[tenantId] = state;
    writePrivateFile(this.#file, JSON.stringify(this.#clinics));
    return state;
  }
}
