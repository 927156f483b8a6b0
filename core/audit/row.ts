import { deflateRawSync, inflateRawSync } from "node:zlib";

/**
 * An event's text as an outbox row holds it: small, because DynamoDB charges each begun kilobyte of a row, and twice in
 * a transaction. The text comes back byte for byte; hashes are of the text and never of these bytes.
 *
 * `0x01 | detail length, 2 bytes | detail | raw DEFLATE of the text without it, against DICTIONARY`
 */
const VERSION = 0x01;
const HEAD_BYTES = 3;
/** Stands where the detail was: no event's text holds this character. */
const MARK = "\u0001";
const TEXT_MAX = 128 * 1024;

const ID = "01";
const ZEROS = "0".repeat(26);
/**
 * What most events say, the commonest last. Rows of version 1 are read with exactly these bytes: a better dictionary
 * is a new version.
 */
const DICTIONARY = Buffer.from(
  [
    `"emergency":"`,
    `"delegation":{"id":"`,
    `"reason":{"code":"`,
    `"approver":"`,
    `"stage":"start"approve"finish"`,
    `"recipient":"`,
    `"sections":["`,
    `"replay":true,`,
    `"outcome":"denied","outcome":"failure",`,
    `MLTRAINING HRESCH PATRQT ETREAT HPAYMT HOPERAT "purpose":"TREAT"`,
    `"action":"C" "action":"U" "action":"D" "action":"E"`,
    `"interaction":"create" "update" "delete" "transaction" "history" "vread" "everything" "sign-in" "search"`,
    `"state":"permit" "deny" "none" "absent" "present" "open" "other" "own"`,
    `"nurse" "front-desk" "billing" "clinic-administrator" "auditor" "patient" "integration" "physician"`,
    `"service":"clinic" "session" "platform" "fhir"`,
    `Medication Procedure DiagnosticReport DocumentReference AllergyIntolerance Immunization Appointment Claim`,
    `Condition Encounter MedicationRequest Patient Observation`,
    `{"action":"R","actor":{"client":"${ID}","kind":"user","roles":["physician"],"session":"`,
    `","user":"${ID}`,
    `"},"at":17,"classes":["D"],"classes":["C"],"consent":{"ids":[],"state":"not-required"},"count":`,
    `,"decision":{"id":"`,
    `","inputs":{"assurance":"aal2","circumstances":{"consent":{"B":"none","C":"none","D":"none","S":"none"},`,
    `"hold":"none","relationship":"open"},"demands":[{"action":"read","classes":["C"],"patient":"other",`,
    `"type":"Observation"}],"kind":"user","purpose":"TREAT","roles":["physician"]},"rules":["physician-chart"],`,
    `"version":"`,
    `"},"detail":"${MARK}","entities":[{"id":"${ID}`,
    `","type":"Observation","version":1}],"id":"${ID}`,
    `","interaction":"read","outcome":"success","patient":"${ID}`,
    `","purpose":"TREAT","request":"`,
    `","service":"fhir","tenant":"${ID}`,
    `","v":1,"writer":{"id":"${ID}`,
    `","prev":"${ZEROS}`,
    `","seq":1}}`,
  ].join(""),
);

const DETAIL = /"detail":"([A-Za-z0-9+/]+={0,2})"/;

/** The bytes of an event's text. */
export function packLine(line: string): Uint8Array {
  const found = line.includes(MARK) ? null : DETAIL.exec(line);
  const detail = Buffer.from(found?.[1] ?? "", "base64");
  const isExact =
    found !== null && detail.length > 0 && detail.length < 65_536 && detail.toString("base64") === found[1];
  const text = isExact ? line.replace(DETAIL, `"detail":"${MARK}"`) : line;
  const head = Buffer.alloc(HEAD_BYTES, VERSION);
  head.writeUInt16BE(isExact ? detail.length : 0, 1);
  const packed = deflateRawSync(text, { level: 9, memLevel: 9, dictionary: DICTIONARY });
  return new Uint8Array(Buffer.concat([head, ...(isExact ? [detail] : []), packed]));
}

/** The text that was packed, or undefined for bytes that `packLine` never made. */
export function unpackLine(bytes: Uint8Array): string | undefined {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (all.length < HEAD_BYTES || all[0] !== VERSION) return undefined;
  const detailEnd = HEAD_BYTES + all.readUInt16BE(1);
  try {
    const packed = all.subarray(detailEnd);
    const text = inflateRawSync(packed, { dictionary: DICTIONARY, maxOutputLength: TEXT_MAX }).toString("utf8");
    const detail = all.toString("base64", HEAD_BYTES, detailEnd);
    return detail === "" ? text : text.replace(MARK, () => detail);
  } catch {
    return undefined;
  }
}
