import * as z from "zod";
import type { RecordClass } from "../kernel/data-class.ts";
import type { Chart, Source } from "./chart.ts";

/** One field of a section: of which classes it is read, what it is, and how it is read and masked. */
export interface Column<T = unknown> {
  /** The field is shown where the consumer reaches any of them. */
  readonly classes: readonly RecordClass[];
  readonly schema: z.ZodType<T>;
  readonly masked: z.ZodType;
  read(source: Source): T | undefined;
  /** What is left of a value for those who may see only so much; absent where a field is shown whole or not at all. */
  mask?(value: T): unknown;
}

type Columns = Readonly<Record<string, Column>>;

interface Section<C extends Columns> {
  /** What the section holds where consent withholds its records, whatever the class. */
  readonly label?: string;
  readonly columns: C;
  sources(chart: Chart, classes: ReadonlySet<RecordClass>): readonly Source[];
}
/** Exactly one of each: a field for a field. */
export interface OneSection<C extends Columns = Columns> extends Section<C> {
  readonly kind: "one";
}
/** A row for each record. */
export interface ManySection<C extends Columns = Columns> extends Section<C> {
  readonly kind: "many";
}
export type AnySection = OneSection | ManySection;

/** Makes columns of one class, or of several that tell the same. */
export const columnsOf = (...classes: readonly RecordClass[]) => ({
  /** Text, shown whole. */
  text: (read: (source: Source) => string | undefined): Column => column(classes, z.string().min(1), read),
  /** Any value that the schema describes. */
  value: <T>(schema: z.ZodType<T>, read: (source: Source) => T | undefined): Column => column(classes, schema, read),
  /** A value of which some see a part. */
  maskable: <T, M>(
    schema: z.ZodType<T>,
    read: (source: Source) => T | undefined,
    masked: z.ZodType<M>,
    mask: (value: T) => M,
  ): Column => ({ ...column(classes, schema, read), masked, mask: mask as (value: unknown) => unknown }),
});

/** The columns of a table are of many types: each reads and writes its own, and the schema of the view ties them. */
const column = <T>(
  classes: readonly RecordClass[],
  schema: z.ZodType<T>,
  read: (source: Source) => T | undefined,
): Column => ({ classes, schema, masked: z.never(), read }) as unknown as Column;

export const one = <C extends Columns>(sources: (chart: Chart) => readonly Source[], columns: C): OneSection<C> => ({
  kind: "one",
  sources,
  columns,
});

export const many = <C extends Columns>(
  sources: (chart: Chart, classes: ReadonlySet<RecordClass>) => readonly Source[],
  columns: C,
  label?: string,
): ManySection<C> => ({
  kind: "many",
  sources,
  columns,
  ...(label !== undefined && { label }),
});
