import type { LineFault } from "./examine.ts";

export type FindingKind =
  | LineFault
  | "event-doubled"
  | "object-missing"
  | "object-altered"
  | "object-unreadable"
  | "object-unsealed"
  | "seal-malformed"
  | "seal-missing"
  | "checkpoint-signature"
  | "checkpoint-mismatch"
  | "tree-mismatch"
  | "tile-altered"
  | "day-missing"
  | "log-truncated"
  | "log-rewritten"
  | "witness-signature"
  | "witness-missing"
  | "witness-behind"
  | "witness-refused"
  | "chain-gap"
  | "chain-broken";

export interface Finding {
  readonly kind: FindingKind;
  /** The event's id or the object's name. */
  readonly where: string;
  /** The first bad event in an object, where it can be told. */
  readonly event?: string;
  readonly detail?: string;
}

/** For what belongs to no place in the log. */
export const LAST_PLACE = Number.MAX_SAFE_INTEGER;

interface Placed extends Finding {
  /** Where in the log: the number of the first leaf that it is about. */
  readonly place: number;
}

/** Findings in the order of the log, whenever each was met. */
export class Findings {
  readonly #all: Placed[] = [];

  add(
    place: number,
    kind: FindingKind,
    where: string,
    more: { readonly event?: string | undefined; readonly detail?: string } = {},
  ): void {
    const { event, detail } = more;
    this.#all.push({
      kind,
      where,
      ...(event === undefined ? {} : { event }),
      ...(detail === undefined ? {} : { detail }),
      place,
    });
  }

  sorted(): Finding[] {
    return this.#all.toSorted((one, other) => one.place - other.place).map(({ place: _place, ...finding }) => finding);
  }
}

/** What each finding means and what to do next, for a person who was not there. */
export const WAY_OUT: Readonly<Record<FindingKind, string>> = {
  "event-malformed":
    "A line is not an event as we write them. Compare the object with its oldest version in the bucket.",
  "event-of-another-tenant":
    "An event of another clinic stands in this trail. Keep the object as evidence and ask who wrote it.",
  "event-out-of-time": "An event is far older or newer than the day on which it arrived. Somebody put it there later.",
  "event-doubled": "Two events claim one place. The earlier in the log is the one that was signed first.",
  "object-missing":
    "A sealed object is not in this copy. Copy it again; if the bucket has a delete marker over it, its oldest version is still there.",
  "object-altered":
    "An object is not the one that was sealed. Its oldest version in the bucket is the original: run the command without a folder, or copy that version.",
  "object-unreadable": "An object is not made of lines. Compare it with its oldest version in the bucket.",
  "object-unsealed":
    "An object was never sealed though later ones were. If the copy is older than a minute, somebody put it there.",
  "seal-malformed": "A seal is not what its name says. Compare it with its oldest version in the bucket.",
  "seal-missing": "A seal is not in this copy. Copy it again, or read the bucket's oldest versions.",
  "checkpoint-signature":
    "A checkpoint is not signed by the log key that you gave. Check that key against your own record first.",
  "checkpoint-mismatch": "A checkpoint says something else than the seal or day that it stands in.",
  "tree-mismatch":
    "From here on the log is not what was signed: events were changed, added or taken out, and names and hashes mended. Compare with an older copy.",
  "tile-altered": "A tile of the tree does not fit the events. The events themselves are judged above.",
  "day-missing": "The log was not signed at the end of a day. Ask whether the sealer ran that day.",
  "log-truncated":
    "The log ends before what the witness or your anchor has seen of it: its newest part was removed. Fetch the missing seals and objects by version.",
  "log-rewritten":
    "The log holds something else than the witness or your anchor saw at the same place: it was written anew. Keep both as evidence.",
  "witness-signature": "A checkpoint in the witness's folder is not signed by the witness key that you gave.",
  "witness-missing": "The witness has signed nothing of this log. Copy the witness's bucket too.",
  "witness-behind":
    "The witness has not signed for more than a quarter of an hour what the log says. Look at its alarms.",
  "witness-refused": "The witness refused a checkpoint and kept it: read that object, it holds what was shown to it.",
  "chain-gap": "A writer's numbers have a hole: an event that was written is not here.",
  "chain-broken": "An event does not name the one before it: it or its neighbour was changed.",
};
