import type { SentView } from "../../core/contract/index.ts";
import type { Api } from "../cli/api.ts";

/** Who writes in the synthetic clinic, and about whom. */
export interface InboxWriters {
  readonly physician: Api;
  readonly nurse: Api;
  readonly desk: Api;
  /** The patient who can sign in, and others. */
  readonly patients: readonly [string, string, string];
  /** The clinic's day, `yyyy-mm-dd`. */
  readonly today: string;
}

const post = <T>(by: Api, path: string, body: object): Promise<T> => by.json<T>({ method: "POST", path, body });

/**
 * Messages and tasks as a clinic has them in the morning: one that the patient finds, one for a colleague, one for the
 * desk, and tasks of which one is due today.
 */
export async function writeInbox({ physician, nurse, desk, patients, today }: InboxWriters): Promise<void> {
  const [own, second, third] = patients;
  const { thread } = await post<SentView>(physician, "/clinic/messages", {
    patient: own,
    topic: "Your last visit",
    category: "clinical",
    text: "Your blood pressure was a little higher than we would like. Please measure it at home twice a week and write the numbers to me here.",
    to: "patient",
  });
  await post(nurse, "/clinic/messages", {
    thread,
    text: "She called this morning: the cuff at home is broken. Shall we lend her one of ours?",
    to: { pool: "physician" },
  });
  await post(desk, "/clinic/messages", {
    patient: second,
    topic: "New insurance card",
    category: "administrative",
    text: "Please bring your new insurance card to your next visit, or send us a copy.",
    to: "patient",
  });
  await post(physician, "/clinic/messages", {
    patient: third,
    topic: "Refill of metformin",
    category: "prescription",
    text: "The pharmacy asks for a refill. Please check when the last A1c was.",
    to: { pool: "nurse" },
  });
  const tasks = [
    [nurse, { patient: second, title: "Call about the blood pressure list", category: "clinical", pool: "nurse" }],
    [physician, { patient: third, title: "Referral letter to cardiology", category: "clinical", pool: "physician" }],
    [desk, { title: "Order paper for the label printer", category: "administrative", pool: "front-desk" }],
  ] as const;
  for (const [index, [by, { pool, ...task }]] of tasks.entries())
    await post(by, "/clinic/tasks", { ...task, owner: { pool }, ...(index === 0 && { due: { day: today } }) });
}
