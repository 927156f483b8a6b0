import { closeSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import path from "node:path";

/** Kept per function in memory; the oldest lines go first. */
const MAX_LINES = 5_000;
/** As CloudWatch Logs cuts an event. */
const MAX_TEXT_CHARACTERS = 262_144;
/** Kept per function on disk: one file of this size and one before it. */
const MAX_FILE_BYTES = 16 * 1_048_576;

/** Whose words a line is: the function's code's, or Lambda's own. */
export type LogWriter = "function" | "platform";

export interface LogStore {
  /** Adds what a handler wrote, or a line of the platform's. Split at line ends. */
  append(functionName: string, text: string, writer?: LogWriter): void;
  /** The last lines of a function, oldest first. */
  lines(functionName: string): readonly string[];
  functionNames(): readonly string[];
  close(): void;
}

interface Group {
  readonly lines: string[];
  readonly file: string | undefined;
  descriptor: number | undefined;
  sizeBytes: number;
}

/**
 * What functions wrote, bounded. With a folder, also in `<folder>/logs/<function>.log`, mode 0600.
 * Writes are synchronous, so that a killed process leaves every line that was written before. `onLine` hears of each.
 */
export function createLogStore(
  folder: string | undefined,
  onLine: (functionName: string, line: string, writer: LogWriter) => void = () => undefined,
): LogStore {
  const groups = new Map<string, Group>();
  let isClosed = false;
  const logFolder = folder === undefined ? undefined : path.join(folder, "logs");
  if (logFolder !== undefined) mkdirSync(logFolder, { recursive: true, mode: 0o700 });

  function group(functionName: string): Group {
    const known = groups.get(functionName);
    if (known !== undefined) return known;
    const file = logFolder === undefined ? undefined : path.join(logFolder, `${functionName}.log`);
    const made: Group = { lines: [], file, descriptor: undefined, sizeBytes: 0 };
    groups.set(functionName, made);
    return made;
  }

  function writeToFile(target: Group, text: string): void {
    if (target.file === undefined || isClosed) return;
    if (target.descriptor !== undefined && target.sizeBytes > MAX_FILE_BYTES) {
      closeSync(target.descriptor);
      renameSync(target.file, `${target.file}.1`);
      target.descriptor = undefined;
      target.sizeBytes = 0;
    }
    target.descriptor ??= openSync(target.file, "a", 0o600);
    target.sizeBytes += writeSync(target.descriptor, text);
  }

  return {
    append(functionName, text, writer = "platform") {
      const target = group(functionName);
      const cut = text.slice(0, MAX_TEXT_CHARACTERS);
      const whole = cut.endsWith("\n") ? cut : `${cut}\n`;
      const lines = whole.slice(0, -1).split("\n");
      target.lines.push(...lines);
      if (!isClosed) for (const line of lines) onLine(functionName, line, writer);
      if (target.lines.length > MAX_LINES) target.lines.splice(0, target.lines.length - MAX_LINES);
      writeToFile(target, whole);
    },
    lines: (functionName) => [...(groups.get(functionName)?.lines ?? [])],
    functionNames: () => [...groups.keys()],
    close() {
      isClosed = true; // a line that comes late stays in memory, and opens no file again
      for (const target of groups.values()) {
        if (target.descriptor !== undefined) closeSync(target.descriptor);
        target.descriptor = undefined;
      }
    },
  };
}
