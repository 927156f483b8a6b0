import type { SoakAnswer, SoakRequest } from "./client.ts";

/** What was acknowledged of one record. */
export interface ModelRecord {
  readonly type: string;
  readonly id: string;
  readonly patientId: string;
  /** The newest version that was acknowledged, and the mark in it; `undefined` for a deletion. */
  version: number;
  mark: string | undefined;
  /** A change of it is under way or has no clear end yet. */
  isBusy: boolean;
}

/** A write that was sent and never clearly answered: it is sent again when the faults are over. */
export interface OpenWrite {
  readonly request: SoakRequest;
  readonly settle: (answer: SoakAnswer) => void;
}

/** What one tenant was told, and nothing else: the other side of every comparison. */
export class TenantModel {
  readonly canary: string;
  readonly records = new Map<string, ModelRecord>();
  readonly patients: string[] = [];
  /** `Type/id/version`, each acknowledged once. */
  readonly acknowledged = new Set<string>();
  readonly open: OpenWrite[] = [];
  readonly violations: string[] = [];
  #marks = 0;

  constructor(canary: string) {
    this.canary = canary;
  }

  nextMark(): string {
    this.#marks += 1;
    return `${this.canary}-${this.#marks}`;
  }

  /** A version that the API said is written. Two acknowledgements of one version are a lost update, or one key's two effects. */
  acknowledge(name: string, record: Omit<ModelRecord, "isBusy">, isReplay: boolean): void {
    const full = `${name}/${record.version}`;
    if (this.acknowledged.has(full) && !isReplay) this.violations.push(`${full} was acknowledged twice`);
    this.acknowledged.add(full);
    const known = this.records.get(name);
    if (known === undefined) this.records.set(name, { ...record, isBusy: false });
    else if (record.version > known.version) {
      known.version = record.version;
      known.mark = record.mark;
    }
  }
}
