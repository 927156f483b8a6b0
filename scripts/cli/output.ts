/** How a command says what it found: one JSON document for a script, or text for a person. */
export interface Output {
  readonly isJson: () => boolean;
  /** Prints `value` where JSON is wanted, else `text`. */
  readonly print: (value: unknown, text: string) => void;
}

export const createOutput = (isJson: () => boolean): Output => ({
  isJson,
  print(value, text) {
    process.stdout.write(isJson() ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`);
  },
});

/** Columns as wide as their widest cell. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
