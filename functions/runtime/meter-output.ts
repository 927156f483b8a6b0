import { LOG_EVENT_BYTES } from "../../core/cost/meters.ts";

/** What a text costs in a log: each line is an event, and its line end is none of its text. */
export function billedLogBytes(text: string | Uint8Array): number {
  const line = typeof text === "string" ? text : Buffer.from(text).toString("utf8");
  const ends = line.split("\n").length - 1;
  const events = line.endsWith("\n") ? ends : ends + 1;
  return Buffer.byteLength(line) - ends + events * LOG_EVENT_BYTES;
}

let isCounting = true;

/**
 * Tells `observer` of everything that this process writes, whoever writes it, at the moment and in the context in which it
 * is written: our own log as well as a warning of a library that nobody expected.
 */
export function observeOutput(observer: (bytes: number) => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    stream.write = (...args: unknown[]): boolean => {
      if (isCounting) observer(billedLogBytes(args[0] as string | Uint8Array));
      return write(...args);
    };
  }
}

/** Writes what counts itself: the line of the meter knows its own length. */
export function writeUnobserved(line: string): void {
  isCounting = false;
  try {
    process.stdout.write(`${line}\n`);
  } finally {
    isCounting = true;
  }
}
