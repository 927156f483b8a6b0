import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { openCosigned } from "./cosignature.ts";
import { type Findings, LAST_PLACE } from "./findings.ts";
import { cosignedPrefix, dayOfKey, daysPrefix, logPrefix } from "./layout.ts";
import { type NoteKey, openNote } from "./note.ts";
import type { ArchiveReader } from "./verify.ts";

/** A signed head of the log that the log itself must still pass through. */
export interface Claim extends Pick<Checkpoint, "size" | "root"> {
  /** Who vouches: the log at the end of a day, the witness, or whoever kept an anchor. */
  readonly by: "day" | "witness" | "anchor";
  readonly name: string;
  readonly day: string;
  /** When it was said, milliseconds since the epoch. */
  readonly atMs: number;
}

interface Sources {
  readonly reader: ArchiveReader;
  readonly tenantId: string;
  readonly origin: string;
  readonly logKey: NoteKey;
  readonly witnessKey?: NoteKey;
  readonly anchors?: readonly { readonly name: string; readonly note: string }[];
}

const textOf = async (reader: ArchiveReader, key: string): Promise<string> =>
  Buffer.from((await reader.get(key)) ?? []).toString("utf8");

/** Every claim about a log, from its archive, the witness's folder and the given anchors. What is not signed is a finding. */
export async function readClaims(sources: Sources, findings: Findings): Promise<Claim[]> {
  const { reader, tenantId, origin, logKey, witnessKey, anchors = [] } = sources;
  const claims: Claim[] = [];

  function headOf(note: string): Checkpoint | undefined {
    const text = openNote(note, logKey);
    const head = text === undefined ? undefined : parseCheckpoint(text);
    return head?.origin === origin ? head : undefined;
  }

  for await (const key of reader.list(daysPrefix(tenantId))) {
    const head = headOf(await textOf(reader, key));
    if (head === undefined) findings.add(LAST_PLACE, "checkpoint-signature", key);
    else
      claims.push({
        by: "day",
        name: key,
        day: dayOfKey(key),
        atMs: head.sealedAtMs,
        size: head.size,
        root: head.root,
      });
  }
  for (const { name, note } of anchors) {
    const head = headOf(note);
    if (head === undefined) findings.add(LAST_PLACE, "checkpoint-signature", name);
    else claims.push({ by: "anchor", name, day: "", atMs: head.sealedAtMs, size: head.size, root: head.root });
  }
  if (witnessKey === undefined) return claims;
  // The newest stands for all before it: the witness signed it because it continues them.
  for await (const key of reader.list(cosignedPrefix(tenantId))) {
    const note = await textOf(reader, key);
    const cosigned = openCosigned(note, witnessKey);
    const head = headOf(note);
    if (cosigned === undefined || head === undefined) findings.add(LAST_PLACE, "witness-signature", key);
    else claims.push({ by: "witness", name: key, day: "", atMs: cosigned.atMs, size: head.size, root: head.root });
    break;
  }
  for await (const key of reader.list(`${logPrefix(tenantId)}refused/`))
    findings.add(LAST_PLACE, "witness-refused", key);
  return claims;
}
