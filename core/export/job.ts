import * as z from "zod";
import { PurposeCode } from "../contract/purpose.ts";
import { RECORD_CLASSES } from "../kernel/data-class.ts";
import { ID_PATTERN } from "../kernel/ids.ts";

const id = z.string().regex(ID_PATTERN);
const at = z.int();
const count = z.int().min(0);
const recordId = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/);

/** What an export can be, and what it can become: any other change is refused by the condition of its write. */
export const NEXT_STATES = {
  requested: ["approved", "cancelled", "expired", "destroyed-standing"],
  approved: ["running", "cancelled", "destroyed-consent", "destroyed-standing", "failed"],
  running: ["running", "finished", "cancelled", "destroyed-consent", "destroyed-standing", "failed"],
  finished: ["cancelled", "expired", "destroyed-consent", "destroyed-standing", "failed"],
  cancelled: [],
  expired: [],
  "destroyed-consent": [],
  "destroyed-standing": [],
  failed: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type JobState = keyof typeof NEXT_STATES;
export const JOB_STATES = Object.keys(NEXT_STATES) as JobState[];

export const canBecome = (from: JobState, to: JobState): boolean =>
  (NEXT_STATES[from] as readonly JobState[]).includes(to);

/** It waits or works: these count against the limits. */
export const isOpen = (state: JobState): boolean =>
  state === "requested" || state === "approved" || state === "running";
/** It is over, and whatever it wrote has to go. */
export const isOver = (state: JobState): boolean => NEXT_STATES[state].length === 0;

/** Files stand for a day: whoever asked has fetched them, or asks again. */
export const FILES_LIVE_MS = 24 * 3_600_000;
/** As long as core/privacy keeps the approval of it open. */
export const APPROVAL_LIVE_MS = 72 * 3_600_000;
/** An export is a lot at once: one at a time and one waiting, for a member; a handful for a clinic. */
export const OPEN_PER_MEMBER = 2;
export const OPEN_PER_TENANT = 8;

/** What is asked for. Without `patients` all of the clinic's. */
export const ExportScope = z.strictObject({
  patients: z.array(recordId).min(1).max(1000).optional(),
  types: z
    .array(z.string().regex(/^[A-Za-z]{1,64}$/))
    .min(1)
    .max(64)
    .optional(),
  /** Another organization that receives it. */
  recipient: id.optional(),
});
export type ExportScope = z.infer<typeof ExportScope>;

export const FileName = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/);

/** Where the work is: a chunk ends with one write of this, or it never was. */
export const Progress = z.strictObject({
  phase: z.enum(["directory", "patients", "disclosures", "done"]),
  /** Id of the last patient that was worked off; ids sort as their rows do. */
  after: z.string().optional(),
  /** The newest chunk's manifest, which names the one before. */
  last: z.strictObject({ name: FileName, sha256: z.string() }).optional(),
  /** The chunk whose patients' disclosures are written next. */
  telling: z.strictObject({ name: FileName, sha256: z.string() }).optional(),
  chunks: count,
  patients: count,
  /** Patients whose consent, hold or absence kept them out. */
  leftOut: count,
  records: count,
  files: count,
  sizeBytes: count,
});
export type Progress = z.infer<typeof Progress>;

export const NO_PROGRESS: Progress = {
  phase: "directory",
  chunks: 0,
  patients: 0,
  leftOut: 0,
  records: 0,
  files: 0,
  sizeBytes: 0,
};

/** An export, from the request to the last byte of it that is destroyed. */
export const ExportJob = z.strictObject({
  id,
  state: z.enum(JOB_STATES),
  requestedBy: id,
  clientId: z.string(),
  kind: z.enum(["user", "client"]),
  purpose: PurposeCode,
  scope: ExportScope,
  /** What policy gave when it was asked for: a chunk may find less, never more. */
  classes: z.array(z.enum(RECORD_CLASSES)).min(1),
  reason: z.strictObject({ code: z.string().regex(/^[a-z][a-z-]{0,40}$/), text: z.string().max(500) }),
  approvedBy: id.optional(),
  requestedAtMs: at,
  approvedAtMs: at.optional(),
  finishedAtMs: at.optional(),
  endedAtMs: at.optional(),
  /** Until then it may be approved; once finished, until then its files stand. */
  expiresAtMs: at,
  progress: Progress,
  /** Everything that it wrote is gone. */
  isSwept: z.boolean(),
});
export type ExportJob = z.infer<typeof ExportJob>;

/** What is approved: exactly this, and nothing that it could become. The approval has the job's id. */
export const approvalSubject = ({
  id: job,
  purpose,
  scope,
  classes,
}: Pick<ExportJob, "id" | "purpose" | "scope" | "classes">): Readonly<Record<string, unknown>> => ({
  job,
  purpose,
  scope,
  classes,
});
/** The action of the approval. */
export const EXPORT_APPROVAL = "export.start";
