import { createHash } from "node:crypto";
import type { MessageAttributes } from "./store.ts";

/** MD5 because SQS answers with it and the SDK compares; nothing is protected by it. */
export const md5OfBody = (body: string): string => createHash("md5").update(body, "utf8").digest("hex");

/** Source: SQS Developer Guide, "Calculating the MD5 message digest for message attributes". */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).toSorted();
  if (names.length === 0) return undefined;
  const hash = createHash("md5");
  const add = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const attribute = attributes[name];
    if (attribute === undefined) continue;
    add(Buffer.from(name));
    add(Buffer.from(attribute.DataType));
    const isBinary = attribute.BinaryValue !== undefined;
    hash.update(Buffer.of(isBinary ? 2 : 1));
    add(isBinary ? Buffer.from(attribute.BinaryValue ?? "", "base64") : Buffer.from(attribute.StringValue ?? ""));
  }
  return hash.digest("hex");
}
