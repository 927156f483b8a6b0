import * as z from "zod";
import { sha256Hex } from "../../audit/layout.ts";
import { ID_PATTERN } from "../../kernel/ids.ts";
import { invariant } from "../../kernel/invariant.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { InternalEntry } from "../internal.ts";
import { parseUsd } from "../money.ts";
import { isMonth, type Month, monthOf } from "../period.ts";
import type { CostFiles } from "./files.ts";
import { inputKey, inputPrefix } from "./keys.ts";

/**
 * What people put in: finance's entries, budgets, the plan that a clinic is on, AWS's bills. Nothing is changed or taken away:
 * each change is a version of its own with who and when, the newest stands, and a withdrawn one says so.
 */

const id = z.string().regex(ID_PATTERN);
const month = z.string().refine(isMonth, "a month such as 2026-11");

export const BudgetInput = z.strictObject({
  id,
  /** Null: the platform's. */
  tenantId: id.nullable(),
  /** USD a month, at most twelve places. */
  amountUsd: z.string().refine((text) => (parseUsd(text) ?? -1n) >= 0n, "an amount, not below zero"),
});
export type BudgetInput = z.infer<typeof BudgetInput>;

/** The plan of a clinic from a month on. Without one it has the newest plan in force. */
export const PlanInput = z.strictObject({
  tenantId: id,
  from: month,
  planId: z.string().regex(/^[a-z][a-z0-9-]*\/v\d+$/),
});
export type PlanInput = z.infer<typeof PlanInput>;

/** An AWS export of a month: `FOCUS_1_2_AWS` as CSV. The newest of a month counts. */
export const BillInput = z.strictObject({
  id,
  month,
  /** Instant up to which the export tells everything. */
  completeUntil: z.iso.datetime(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sizeBytes: z.int().min(1),
});
export type BillInput = z.infer<typeof BillInput>;

/** How often a summary is made by itself, and in which language. One setting, under an id of its own. */
export const SummaryInput = z.strictObject({
  id,
  cadence: z.enum(["off", "weekly", "monthly"]),
  language: z.enum(["en", "es"]),
});
export type SummaryInput = z.infer<typeof SummaryInput>;

/** Each kind with its schema and where its versions lie: `scope` is what is read together. */
const KINDS = {
  entries: {
    schema: InternalEntry,
    scopeOf: ({ day }: { readonly day: string }) => monthOf(day),
    idOf: (value: { readonly id: string }) => value.id,
  },
  budgets: { schema: BudgetInput, scopeOf: () => "all", idOf: (value: BudgetInput) => value.id },
  plans: { schema: PlanInput, scopeOf: (value: PlanInput) => value.tenantId, idOf: (value: PlanInput) => value.from },
  bills: { schema: BillInput, scopeOf: (value: BillInput) => value.month, idOf: (value: BillInput) => value.id },
  summaries: { schema: SummaryInput, scopeOf: () => "all", idOf: (value: SummaryInput) => value.id },
} as const;

export type InputKind = keyof typeof KINDS;
export interface InputValues {
  readonly entries: InternalEntry;
  readonly budgets: BudgetInput;
  readonly plans: PlanInput;
  readonly bills: BillInput;
  readonly summaries: SummaryInput;
}

export interface Input<T> {
  readonly value: T;
  /** An id of ours, or the name of the job. */
  readonly by: string;
  /** Instant. */
  readonly at: string;
  /** From 1. */
  readonly version: number;
  readonly isWithdrawn: boolean;
}

const Stored = z.strictObject({
  schema: z.literal("keyward.input/v1"),
  by: z.string().min(1),
  at: z.iso.datetime(),
  isWithdrawn: z.boolean(),
  value: z.unknown(),
});

const wire = (kind: InputKind): z.ZodType => KINDS[kind].schema;

export interface Put<K extends InputKind> {
  readonly kind: K;
  /** As it came over the wire: decimals are texts. Parsed here again. */
  readonly value: z.input<(typeof KINDS)[K]["schema"]>;
  readonly by: string;
  readonly at: string;
  /** The version that the caller has seen; 0 for none. */
  readonly after: number;
  readonly isWithdrawn?: boolean;
}

/** Writes the next version. `conflict` where another was written since; `invalid` where the value is none. */
export async function putInput<K extends InputKind>(
  files: CostFiles,
  { kind, value, by, at, after, isWithdrawn = false }: Put<K>,
): Promise<Result<{ readonly version: number }, { readonly kind: "conflict" | "invalid" }>> {
  const parsed = wire(kind).safeParse(value);
  if (!parsed.success) return err({ kind: "invalid" });
  const version = after + 1;
  const key = inputKey(kind, scopeOf(kind, parsed.data), idOf(kind, parsed.data), version);
  if (
    after > 0 &&
    (await files.read(key.replace(/\d{6}\.json$/, `${String(after).padStart(6, "0")}.json`))) === undefined
  )
    return err({ kind: "conflict" });
  const stored: z.input<typeof Stored> = { schema: "keyward.input/v1", by, at, isWithdrawn, value };
  const done = await files.create(key, Buffer.from(`${JSON.stringify(stored)}\n`));
  return done === "created" ? ok({ version }) : err({ kind: "conflict" });
}

const scopeOf = (kind: InputKind, value: unknown): string => (KINDS[kind].scopeOf as (value: unknown) => string)(value);
const idOf = (kind: InputKind, value: unknown): string => (KINDS[kind].idOf as (value: unknown) => string)(value);

/** The newest version of each input of a kind, withdrawn ones too, by id. A version that no longer parses throws. */
export async function readInputs<K extends InputKind>(
  files: CostFiles,
  kind: K,
  scope?: string,
): Promise<Input<InputValues[K]>[]> {
  const newest = new Map<string, string>();
  for (const key of await files.list(inputPrefix(kind, scope))) newest.set(key.slice(0, key.lastIndexOf("/")), key);
  return Promise.all([...newest.values()].map((key) => readVersion(files, kind, key)));
}

/** Every version of one input, the oldest first: who changed it when. */
export async function inputHistory<K extends InputKind>(
  files: CostFiles,
  kind: K,
  scope: string,
  id: string,
): Promise<Input<InputValues[K]>[]> {
  const keys = await files.list(`${inputPrefix(kind, scope)}${id}/`);
  return Promise.all(keys.map((key) => readVersion(files, kind, key)));
}

async function readVersion<K extends InputKind>(
  files: CostFiles,
  kind: K,
  key: string,
): Promise<Input<InputValues[K]>> {
  const file = await files.read(key);
  invariant(file !== undefined, "an input that is listed is there");
  const { by, at, isWithdrawn, value } = Stored.parse(JSON.parse(Buffer.from(file.bytes).toString("utf8")));
  const version = Number(/(\d{6})\.json$/.exec(key)?.[1]);
  return { value: wire(kind).parse(value) as InputValues[K], by, at, version, isWithdrawn };
}

/** What stands: the newest versions that nobody withdrew. */
export const standing = <T>(inputs: readonly Input<T>[]): Input<T>[] =>
  inputs.filter(({ isWithdrawn }) => !isWithdrawn);

/** Names of all that people put in: a change is a new name. */
export const inputNames = (files: CostFiles): Promise<string[]> => files.list("v1/inputs/");

/** Digests of what entries and plans a month has, by their names. Plans that begin later are none of it. */
export interface InputDigests {
  readonly entries: string;
  readonly plans: string;
}

export function digestsOfInputs(names: readonly string[], month: Month): InputDigests {
  const digest = (isOf: (kind: string, scope: string, id: string) => boolean): string =>
    sha256Hex(
      names
        .filter((name) => {
          const [, , kind = "", scope = "", id = ""] = name.split("/");
          return isOf(kind, scope, id);
        })
        .join("\n"),
    );
  return {
    entries: digest((kind, scope) => kind === "entries" && scope === month),
    plans: digest((kind, _scope, from) => kind === "plans" && from <= month),
  };
}

export const isSameInputs = (a: InputDigests, b: InputDigests): boolean =>
  a.entries === b.entries && a.plans === b.plans;
