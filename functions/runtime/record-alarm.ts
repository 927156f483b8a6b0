import type { RecordAlarm } from "../../core/record/index.ts";
import { log } from "./log.ts";

/** What core/record and core/privacy want looked at, as a line of the log. */
export function onAlarm(alarm: RecordAlarm): void {
  const what = alarm.kind === "integrity" ? alarm.fault : alarm.kind === "denied" ? alarm.from : alarm.cause;
  log("error", "alarm", { failure: `${alarm.kind}-${what}` });
}
