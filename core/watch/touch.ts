import type { DataClass } from "../kernel/data-class.ts";
import { parsePartition, parseRecordSort } from "../table/index.ts";
import { opaqueName } from "./opaque-name.ts";

/**
 * What kind of row was touched. `chart`: of one patient. `shared`: of a type that has no patient. `directory`: the entry
 * by which a patient is found. `privacy`: consents, holds, emergencies, delegations. `job`: what an export is to do and how
 * far it is. `plain`: locators, search tokens, idempotency rows and markers, which hold no record.
 */
export type TouchKind = "chart" | "shared" | "directory" | "privacy" | "job" | "plain" | "strange";

/** One row of the data table that was read or opened. Ids are as the table has them. */
export interface Touch {
  readonly kind: TouchKind;
  readonly tenantId?: string;
  readonly dataClass?: DataClass;
  readonly patient?: string;
  readonly type?: string;
  readonly id?: string;
  readonly version?: number;
  readonly isHistory?: boolean;
}

/** What a key tells. `sk` may be left out where a whole partition was read. */
export function touchOf(pk: string, sk?: string): Touch {
  const partition = parsePartition(pk);
  if (partition === undefined || partition.dataClass === "U") return { kind: "strange" };
  const { tenantId, dataClass, rest } = partition;
  const whose = { tenantId, dataClass };
  if (dataClass === "X" || dataClass === "I") return { kind: "plain", ...whose };
  const record = sk === undefined ? undefined : parseRecordSort(sk);
  const what =
    record === undefined
      ? {}
      : {
          type: record.type,
          id: record.id,
          ...(record.version === undefined ? {} : { version: record.version, isHistory: true }),
        };
  if (rest.startsWith("P#")) return { kind: "chart", ...whose, patient: rest.slice(2), ...what };
  if (rest.startsWith("R#")) return { kind: "shared", ...whose, type: rest.slice(2), ...what };
  if (dataClass !== "D") return { kind: "strange", ...whose };
  if (rest === "DIR") return { kind: "directory", ...whose, ...(sk === undefined ? {} : { patient: sk }) };
  if (rest.startsWith("L#")) return { kind: "plain", ...whose };
  if (rest.startsWith("JOB")) return { kind: "job", ...whose };
  return /^[A-Z]{2,4}$/.test(rest) ? { kind: "privacy", ...whose } : { kind: "strange", ...whose };
}

/** How a touch is spelled in log lines and incidents: `C/P/<patient>/R/Observation/<id>`. Holds no id of a caller's own. */
export function nameTouch(touch: Touch): { readonly group: string; readonly name: string } {
  const { kind, dataClass = "?", patient, type = "", id, version } = touch;
  const row = touch.isHistory === true ? "H" : "R";
  const whose = patient === undefined ? undefined : opaqueName(patient);
  const one = id === undefined ? "" : `/${opaqueName(id)}${version === undefined ? "" : `/${version}`}`;
  switch (kind) {
    case "chart": {
      const group = `${dataClass}/P/${whose ?? ""}/${row}/${type}`;
      return { group, name: `${group}${one}` };
    }
    case "shared": {
      const group = `${dataClass}/T/${row}/${type}`;
      return { group, name: `${group}${one}` };
    }
    case "directory":
      return { group: "D/DIR", name: whose === undefined ? "D/DIR" : `D/DIR/${whose}` };
    default:
      return { group: `${dataClass}/${kind}`, name: `${dataClass}/${kind}` };
  }
}

/** The touch that a name or group of a log line tells; the tenant is the line's own, ids that are hashed stay so. */
export function readName(name: string): Touch {
  const [dataClass = "", home = "", ...rest] = name.split("/");
  const letter = dataClass as DataClass;
  if (home === "DIR") return { kind: "directory", dataClass: letter, ...(rest[0] && { patient: rest[0] }) };
  if (home === "P" || home === "T") {
    const [patient, row, type = "", id, version] = home === "P" ? rest : [undefined, ...rest];
    return {
      kind: home === "P" ? "chart" : "shared",
      dataClass: letter,
      ...(patient !== undefined && { patient }),
      type,
      ...(id !== undefined && { id }),
      ...(version !== undefined && { version: Number(version) }),
      ...(row === "H" && { isHistory: true }),
    };
  }
  const known = (["privacy", "job", "plain"] as const).find((kind) => kind === home);
  return { kind: known ?? "strange", dataClass: letter };
}
