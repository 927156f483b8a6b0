/** One measured thing. Absolute figures depend on the machine: a ratio is to `base`, measured in the same run. */
export interface Figure {
  readonly section: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly ratio?: number;
  readonly base?: string;
}

export const median = (list: readonly number[]): number =>
  list.toSorted((left, right) => left - right)[Math.floor(list.length / 2)] ?? Number.NaN;

/** CPU time of the whole process, all threads, in milliseconds, since `from`. */
export function cpuMsSince(from: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1000;
}

const shown = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString("en-US") : value >= 10 ? value.toFixed(1) : value.toFixed(3);

/** The figures as text, a table for each section. */
export function formatFigures(figures: readonly Figure[]): string {
  const sections = Map.groupBy(figures, ({ section }) => section);
  const tables = [...sections].map(([section, rows]) => {
    const wide = Math.max(...rows.map(({ name }) => name.length));
    const lines = rows.map(({ name, value, unit, ratio, base }) => {
      const compared = ratio === undefined ? "" : `  x${ratio.toFixed(2)} of ${base ?? "the first"}`;
      return `  ${name.padEnd(wide)}  ${shown(value).padStart(10)} ${unit}${compared}`;
    });
    return `${section}\n${lines.join("\n")}`;
  });
  return tables.join("\n\n");
}
