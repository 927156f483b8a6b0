import { ServiceError } from "../service.ts";
import type { MessageAttribute, MessageAttributes } from "./store.ts";

export type Input = Readonly<Record<string, unknown>>;

/** Body and attributes together. Source: SQS Developer Guide, "Message quotas". */
export const MOST_MESSAGE_BYTES = 1_048_576;
const MOST_ATTRIBUTES = 10;

export const invalid = (message: string, code = "InvalidParameterValue"): ServiceError =>
  new ServiceError(code, message, 400);

export function textMember(input: Input, name: string): string {
  const value = input[name];
  if (value === undefined) throw invalid(`The request must contain the parameter ${name}.`, "MissingParameter");
  if (typeof value !== "string") throw invalid(`${name} must be a string.`);
  return value;
}

export function integerMember(input: Input, name: string, least: number, most: number): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
    throw invalid(`Value for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}.`);
  }
  return value;
}

export interface MessageInput {
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly delaySeconds: number | undefined;
  readonly sizeBytes: number;
}

/** One message of SendMessage or an entry of SendMessageBatch. Throws ServiceError without repeating content. */
export function parseMessage(input: Input): MessageInput {
  for (const name of ["MessageDeduplicationId", "MessageGroupId", "MessageSystemAttributes"]) {
    if (input[name] !== undefined)
      throw new ServiceError("NotImplemented", `${name} is not part of the embedded AWS`, 501);
  }
  const body = textMember(input, "MessageBody");
  if (body === "") throw invalid("The request must contain the parameter MessageBody.", "MissingParameter");
  // The characters of XML 1.0, and no half of a surrogate pair.
  if (!/^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u.test(body)) {
    throw invalid("Invalid characters found in the message body.", "InvalidMessageContents");
  }
  const attributes = parseAttributes(input["MessageAttributes"]);
  const attributeBytes = Object.entries(attributes).reduce(
    (total, [name, { DataType, StringValue = "", BinaryValue = "" }]) =>
      total + Buffer.byteLength(name + DataType + StringValue) + Buffer.byteLength(BinaryValue, "base64"),
    0,
  );
  const sizeBytes = Buffer.byteLength(body) + attributeBytes;
  if (sizeBytes > MOST_MESSAGE_BYTES) {
    throw invalid(
      `One or more parameters are invalid. Reason: Message must be shorter than ${MOST_MESSAGE_BYTES} bytes.`,
    );
  }
  return { body, attributes, delaySeconds: integerMember(input, "DelaySeconds", 0, 900), sizeBytes };
}

function parseAttributes(value: unknown): MessageAttributes {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) throw invalid("MessageAttributes must be a map.");
  const entries = Object.entries(value);
  if (entries.length > MOST_ATTRIBUTES)
    throw invalid(`Number of message attributes exceeds the allowed maximum [${MOST_ATTRIBUTES}].`);
  return Object.fromEntries(entries.map(([name, attribute]) => [parseName(name), parseAttribute(attribute)]));
}

function parseName(name: string): string {
  const isLegal = /^[A-Za-z0-9_.-]{1,256}$/.test(name) && !/^(aws|amazon)\.|^\.|\.$|\.\./i.test(name);
  if (!isLegal) throw invalid("The message attribute name is invalid.");
  return name;
}

function parseAttribute(attribute: unknown): MessageAttribute {
  if (!isRecord(attribute)) throw invalid("The message attribute is invalid.");
  const { DataType, StringValue, BinaryValue } = attribute;
  if (typeof DataType !== "string" || !/^(String|Number|Binary)(\.[^.]{1,240})?$/.test(DataType)) {
    throw invalid("The message attribute has an invalid message attribute type.");
  }
  if (DataType.startsWith("Binary")) {
    if (typeof BinaryValue !== "string" || BinaryValue === "")
      throw invalid("The message attribute must contain a non-empty value.");
    return { DataType, BinaryValue };
  }
  if (typeof StringValue !== "string" || StringValue === "")
    throw invalid("The message attribute must contain a non-empty value.");
  return { DataType, StringValue };
}

export const isRecord = (value: unknown): value is Input =>
  typeof value === "object" && value !== null && !Array.isArray(value);
