import * as z from "zod";
import { type NoteSignatureView, SIGNATURE_KINDS, type SignatureCheck, type SignatureKind } from "../contract/index.ts";
import { type FhirResource, isJsonObject, type JsonObject } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { isNoteSignature, NOTE_FORMAT, SIGNATURE_FORMAT } from "../record/index.ts";
import { clinicianOf, referenceTo, type Signer, userOf } from "./clinician.ts";
import { hashOf } from "./note-body.ts";
import { idOf, textOf } from "./note-resource.ts";

/**
 * What somebody attested: which content of which version of which note, when and as what. It is the signature's `data`.
 * It stands by what keeps it: a sealed row that no door writes over, and the event that was committed with it.
 */
const Statement = z.strictObject({
  format: z.literal(1),
  note: z.string(),
  version: z.int().min(1),
  /** Of the bytes of the note's attachment, hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  kind: z.enum(SIGNATURE_KINDS),
  isLocking: z.boolean(),
  user: z.string(),
  name: z.string(),
  at: z.iso.datetime(),
  reason: z.strictObject({ code: z.string(), text: z.string() }).optional(),
});
export type Statement = z.infer<typeof Statement>;

/** ASTM E1762-95, as http://hl7.org/fhir/R4/valueset-signature-type.html lists it. */
const TYPES: Readonly<Record<SignatureKind, { readonly code: string; readonly display: string }>> = {
  author: { code: "1.2.840.10065.1.12.1.1", display: "Author's Signature" },
  "co-signature": { code: "1.2.840.10065.1.12.1.5", display: "Verification Signature" },
  addendum: { code: "1.2.840.10065.1.12.1.15", display: "Addendum Signature" },
  modification: { code: "1.2.840.10065.1.12.1.16", display: "Modification Signature" },
  unlock: { code: "1.2.840.10065.1.12.1.17", display: "Administrative (Error/Edit) Signature" },
};
const PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";
const AGENTS: Readonly<Record<SignatureKind, string>> = {
  author: "author",
  "co-signature": "verifier",
  addendum: "author",
  modification: "author",
  unlock: "performer",
};

/** A signature of who is signed in, as the Provenance of its note. */
export function signatureOf(
  signer: Signer,
  said: Pick<Statement, "note" | "version" | "sha256" | "kind" | "isLocking"> & Pick<Partial<Statement>, "reason">,
  nowMs: number,
): JsonObject {
  const at = toInstant(nowMs);
  const { reason } = said;
  const statement: Statement = {
    format: 1,
    note: said.note,
    version: said.version,
    sha256: said.sha256,
    kind: said.kind,
    isLocking: said.isLocking,
    user: signer.userId,
    name: signer.name,
    at,
    ...(reason && { reason }),
  };
  const who = referenceTo(signer);
  return {
    resourceType: "Provenance",
    target: [{ reference: `DocumentReference/${said.note}` }],
    recorded: at,
    ...(reason && {
      reason: [{ coding: [{ system: "urn:keyward:unlock-reason", code: reason.code }], text: reason.text }],
    }),
    agent: [{ type: { coding: [{ system: PARTICIPANT, code: AGENTS[said.kind] }] }, who }],
    signature: [
      {
        type: [{ system: "urn:iso-astm:E1762-95:2013", ...TYPES[said.kind] }],
        when: at,
        who,
        targetFormat: NOTE_FORMAT,
        sigFormat: SIGNATURE_FORMAT,
        data: Buffer.from(JSON.stringify(statement), "utf8").toString("base64"),
      },
    ],
  };
}

/** A signature as it stands in the record. */
export interface Signature {
  readonly id: string;
  readonly statement: Statement;
  readonly who: unknown;
}

/** A signature of ours; undefined for any other Provenance, and for one whose parts do not say the same. */
export function readSignature(resource: FhirResource): Signature | undefined {
  const [signature] = isNoteSignature(resource) ? (resource["signature"] as readonly unknown[]) : [];
  if (!isJsonObject(signature) || resource.id === undefined) return undefined;
  const statement = statementOf(textOf(signature["data"]));
  if (statement === undefined) return undefined;
  const targets = Array.isArray(resource["target"]) ? (resource["target"] as unknown[]) : [];
  const isOne =
    targets.some((target) => idOf(target, "DocumentReference") === statement.note) &&
    userOf(signature["who"]) === statement.user &&
    signature["when"] === statement.at;
  return isOne ? { id: resource.id, statement, who: signature["who"] } : undefined;
}

function statementOf(data: string): Statement | undefined {
  try {
    const parsed = Statement.safeParse(JSON.parse(Buffer.from(data, "base64").toString("utf8")));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Looks up the bytes of a past version: undefined where there is none, and an error where it cannot be had now. */
export type BytesAt = (version: number) => Uint8Array | undefined | "unavailable";

/** Whether what was signed is what stands there: in the version that the signature names. */
export function checkSignature({ statement }: Signature, bytesAt: BytesAt): SignatureCheck {
  const bytes = bytesAt(statement.version);
  if (bytes === "unavailable") return "unavailable";
  return bytes !== undefined && hashOf(bytes) === statement.sha256 ? "matches" : "differs";
}

/** Signatures in the order in which they were made; of one instant, in the order in which one leads to the other. */
export const inOrder = (signatures: readonly Signature[]): readonly Signature[] =>
  signatures.toSorted(
    ({ statement: left }, { statement: right }) =>
      Date.parse(left.at) - Date.parse(right.at) ||
      left.version - right.version ||
      SIGNATURE_KINDS.indexOf(left.kind) - SIGNATURE_KINDS.indexOf(right.kind),
  );

/** What a signature is to who looks: whose, over what, and whether it still holds. */
export function signatureView(
  signature: Signature,
  current: { readonly hash: string; readonly me: Signer; readonly bytesAt: BytesAt },
): NoteSignatureView {
  const { statement, who, id } = signature;
  return {
    id,
    kind: statement.kind,
    by: clinicianOf(who, current.me),
    at: statement.at,
    version: statement.version,
    hash: statement.sha256,
    check: checkSignature(signature, current.bytesAt),
    isCurrent: statement.kind !== "unlock" && statement.sha256 === current.hash,
    isLocking: statement.isLocking,
    ...(statement.reason && { reason: statement.reason }),
  };
}
