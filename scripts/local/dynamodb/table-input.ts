import { expectText, KEY_TYPES } from "./attribute-value.ts";
import { constraint, invalidParameter, validation } from "./errors.ts";
import type { Input } from "./input.ts";
import {
  checkTableName,
  isGiven,
  readChoice,
  readFlag,
  readInteger,
  readList,
  readRequiredText,
  readStructure,
  readStructures,
  readText,
  required,
} from "./input.ts";
import { keyNamesOf } from "./keys.ts";
import type { IndexDefinition, KeyNames, StreamView, TableDefinition, Throughput } from "./tables.ts";

const MIN_NAME = 3;
const INDEX_NAME = /^[a-zA-Z0-9_.-]{3,255}$/;
const MAX_GLOBAL_INDEXES = 20;
const MAX_LOCAL_INDEXES = 5;
const MAX_UNITS = 9_007_199_254_740_991;

export const STREAM_VIEWS = ["NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"] as const;

/** TableName of a table to be made: at least three characters, never an ARN. */
export function readNewTableName(input: Input, member = "TableName"): string {
  if (!isGiven(input, member)) {
    throw validation(`The parameter '${member}' is required but was not present in the request`);
  }
  const name = checkTableName(readRequiredText(input, member), member);
  if (name.startsWith("arn:")) throw validation(`${member} must be a name, not an ARN`);
  if (name.length < MIN_NAME) {
    throw constraint(
      `'${name}'`,
      member.charAt(0).toLowerCase() + member.slice(1),
      "Member must have length greater than or equal to 3",
    );
  }
  return name;
}

function parseKeySchema(input: Input, at: string): KeyNames {
  const elements = readStructures(input, "KeySchema");
  if (elements === undefined) throw required(at);
  if (elements.length < 1) throw constraint("'[]'", at, "Member must have length greater than or equal to 1");
  if (elements.length > 2) {
    const shown = elements.map(
      (element) =>
        `KeySchemaElement(attributeName=${String(element["AttributeName"])}, keyType=${String(element["KeyType"])})`,
    );
    throw constraint(`'[${shown.join(", ")}]'`, at, "Member must have length less than or equal to 2");
  }
  const names = elements.map((element, position) => {
    const type = readText(element, "KeyType");
    if (type !== "HASH" && type !== "RANGE") {
      throw constraint(
        type === undefined ? "null" : `'${type}'`,
        `${at}.${String(position + 1)}.member.keyType`,
        "Member must satisfy enum value set: [HASH, RANGE]",
      );
    }
    if (type !== (position === 0 ? "HASH" : "RANGE")) {
      throw invalidParameter(
        position === 0
          ? "The first KeySchemaElement is not a HASH key type"
          : "The second KeySchemaElement is not a RANGE key type",
      );
    }
    return readRequiredText(element, "AttributeName");
  });
  const [hash, range] = names;
  if (hash === undefined) throw required(at);
  return { hash, range };
}

function readThroughput(input: Input): Throughput | undefined {
  const structure = readStructure(input, "ProvisionedThroughput");
  if (structure === undefined) return undefined;
  const ReadCapacityUnits = readInteger(structure, "ReadCapacityUnits", 1, MAX_UNITS);
  const WriteCapacityUnits = readInteger(structure, "WriteCapacityUnits", 1, MAX_UNITS);
  if (ReadCapacityUnits === undefined) throw required("provisionedThroughput.readCapacityUnits");
  if (WriteCapacityUnits === undefined) throw required("provisionedThroughput.writeCapacityUnits");
  return { ReadCapacityUnits, WriteCapacityUnits };
}

/** One element of GlobalSecondaryIndexes or LocalSecondaryIndexes. */
export function parseIndex(input: Input, scope: IndexDefinition["scope"]): IndexDefinition {
  const name = readRequiredText(input, "IndexName");
  if (!INDEX_NAME.test(name)) {
    throw constraint(
      `'${name}'`,
      `${scope}SecondaryIndexes.1.member.indexName`,
      "Member must have length greater than or equal to 3 and satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
    );
  }
  const keys = parseKeySchema(input, "keySchema");
  const structure = readStructure(input, "Projection");
  if (structure === undefined) throw required("projection");
  const projection = readChoice(structure, "ProjectionType", ["ALL", "INCLUDE", "KEYS_ONLY"]);
  if (projection === undefined) throw invalidParameter("Unknown ProjectionType: null");
  const nonKeyAttributes = (readList(structure, "NonKeyAttributes") ?? []).map(expectText);
  if (projection === "INCLUDE" && nonKeyAttributes.length === 0) {
    throw invalidParameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified");
  }
  if (projection !== "INCLUDE" && nonKeyAttributes.length > 0) {
    throw invalidParameter(`ProjectionType is ${projection}, but NonKeyAttributes is specified`);
  }
  return { ...keys, name, scope, projection, nonKeyAttributes, throughput: readThroughput(input) };
}

export function parseAttributes(input: Input): TableDefinition["attributes"] {
  return (readStructures(input, "AttributeDefinitions") ?? []).map((definition, position) => {
    const type = readText(definition, "AttributeType");
    const known = KEY_TYPES.find((candidate) => candidate === type);
    if (known === undefined) {
      throw constraint(
        type === undefined ? "null" : `'${type}'`,
        `attributeDefinitions.${String(position + 1)}.member.attributeType`,
        "Member must satisfy enum value set: [B, N, S]",
      );
    }
    return { name: readRequiredText(definition, "AttributeName"), type: known };
  });
}

/** Checks that keys, indexes and attribute definitions fit each other. */
export function checkSchema(
  table: KeyNames,
  indexes: readonly IndexDefinition[],
  attributes: TableDefinition["attributes"],
): void {
  const defined = new Set(attributes.map(({ name }) => name));
  if (defined.size !== attributes.length) throw invalidParameter("Cannot have two attributes with the same name");
  const used = new Set<string>();
  for (const keys of [table, ...indexes]) {
    if (keys.hash === keys.range) throw validation("Invalid KeySchema: Some index key attribute have no definition");
    for (const name of keyNamesOf(keys)) used.add(name);
  }
  const missing = [...used].filter((name) => !defined.has(name));
  if (missing.length > 0) {
    throw invalidParameter(
      `Some index key attributes are not defined in AttributeDefinitions. Keys: [${missing.join(", ")}], AttributeDefinitions: [${[...defined].join(", ")}]`,
    );
  }
  if (defined.size > used.size) {
    throw invalidParameter(
      "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions",
    );
  }
  const names = new Set<string>();
  for (const index of indexes) {
    if (names.has(index.name)) throw invalidParameter(`Duplicate index name: ${index.name}`);
    names.add(index.name);
    if (index.scope === "local") checkLocalIndex(table, index);
  }
  const global = indexes.filter(({ scope }) => scope === "global").length;
  if (global > MAX_GLOBAL_INDEXES)
    throw invalidParameter("GlobalSecondaryIndex count exceeds the per-table limit of 20");
  if (indexes.length - global > MAX_LOCAL_INDEXES) {
    throw invalidParameter("Number of LocalSecondaryIndexes exceeds per-table limit of 5");
  }
}

function checkLocalIndex(table: KeyNames, index: IndexDefinition): void {
  if (table.range === undefined) {
    throw invalidParameter(
      "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
    );
  }
  if (index.hash !== table.hash) {
    throw invalidParameter(
      `Table KeySchema and the LocalSecondaryIndex ${index.name} do not have the same leading hash key`,
    );
  }
  if (index.range === undefined) {
    throw invalidParameter(`Index KeySchema does not have a range key for index: ${index.name}`);
  }
}

export function parseTags(input: Input): TableDefinition["tags"] {
  return (readStructures(input, "Tags") ?? []).map((tag) => ({
    Key: readRequiredText(tag, "Key"),
    Value: readRequiredText(tag, "Value"),
  }));
}

/** StreamSpecification: the view of a stream that is to be on, `off`, or undefined where nothing is said. */
export function readStreamView(input: Input): StreamView | "off" | undefined {
  const structure = readStructure(input, "StreamSpecification");
  if (structure === undefined) return undefined;
  const view = readChoice(structure, "StreamViewType", STREAM_VIEWS);
  if (readFlag(structure, "StreamEnabled") !== true) {
    if (view !== undefined) {
      throw invalidParameter("Table is being created or updated with stream disabled, but StreamViewType is specified");
    }
    return "off";
  }
  if (view === undefined) throw invalidParameter("StreamViewType is required when StreamEnabled is true");
  return view;
}

/** BillingMode with its throughput; PROVISIONED where none is given, as on AWS. */
export function readBilling(input: Input): Pick<TableDefinition, "billingMode" | "throughput"> {
  const billingMode = readChoice(input, "BillingMode", ["PROVISIONED", "PAY_PER_REQUEST"]) ?? "PROVISIONED";
  const throughput = readThroughput(input);
  if (billingMode === "PAY_PER_REQUEST" && throughput !== undefined) {
    throw invalidParameter(
      "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
    );
  }
  if (billingMode === "PROVISIONED" && throughput === undefined) {
    throw invalidParameter(
      "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
    );
  }
  return { billingMode, throughput };
}

/** SSESpecification, kept only to be described. */
export function readEncryption(input: Input): TableDefinition["encryption"] {
  const structure = readStructure(input, "SSESpecification");
  if (structure === undefined) return undefined;
  return {
    isEnabled: readFlag(structure, "Enabled") ?? false,
    keyId: readText(structure, "KMSMasterKeyId"),
  };
}

export interface CreateTableRequest {
  readonly definition: TableDefinition;
  readonly stream: StreamView | undefined;
}

/** Reads a CreateTable. Throws ValidationException for what does not fit together. */
export function parseCreateTable(input: Input): CreateTableRequest {
  const name = readNewTableName(input);
  const attributes = parseAttributes(input);
  const keys = parseKeySchema(input, "keySchema");
  const indexes = [
    ...(readStructures(input, "GlobalSecondaryIndexes") ?? []).map((index) => parseIndex(index, "global")),
    ...(readStructures(input, "LocalSecondaryIndexes") ?? []).map((index) => parseIndex(index, "local")),
  ];
  const billing = readBilling(input);
  checkSchema(keys, indexes, attributes);
  const stream = readStreamView(input);
  return {
    definition: {
      name,
      ...keys,
      attributes,
      indexes,
      ...billing,
      deletionProtection: readFlag(input, "DeletionProtectionEnabled") ?? false,
      tableClass: readChoice(input, "TableClass", ["STANDARD", "STANDARD_INFREQUENT_ACCESS"]),
      encryption: readEncryption(input),
      tags: parseTags(input),
    },
    stream: stream === "off" ? undefined : stream,
  };
}
