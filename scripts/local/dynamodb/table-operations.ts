import { plainCheck, tableCheck } from "./authorize.ts";
import { invalidParameter, resourceNotFound, tableNotFound, validation } from "./errors.ts";
import type { Input } from "./input.ts";
import {
  isGiven,
  readChoice,
  readFlag,
  readInteger,
  readRequiredText,
  readStructure,
  readStructures,
  readTableName,
  readText,
} from "./input.ts";
import type { Operation } from "./plan.ts";
import type { Engine } from "./engine.ts";
import { changeIndex, changeStream, createTable as make, deleteTable as drop } from "./table-administration.ts";
import type { IndexChange } from "./table-administration.ts";
import { describeTable as describe } from "./table-description.ts";
import {
  parseAttributes,
  parseCreateTable,
  parseIndex,
  readBilling,
  readEncryption,
  readStreamView,
} from "./table-input.ts";
import type { Table } from "./tables.ts";

/** Throws ResourceNotFoundException in the words of table operations. */
export function requireTable(engine: Engine, nameOrArn: string): Table {
  const table = engine.tables.find(nameOrArn);
  if (table === undefined) throw tableNotFound(nameOrArn);
  return table;
}

export const createTable: Operation = (engine, input) => {
  const { definition, stream } = parseCreateTable(input);
  const tags = definition.tags;
  return {
    checks: [
      tableCheck(engine, "CreateTable", definition.name, {
        ...Object.fromEntries(tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])),
        ...(tags.length === 0 ? {} : { "aws:TagKeys": tags.map(({ Key }) => Key) }),
      }),
    ],
    readOnly: false,
    managementEvent: true,
    parameters: { tableName: definition.name, deletionProtectionEnabled: definition.deletionProtection },
    run: () => ({ TableDescription: describe(engine, make(engine, definition, { view: stream }), "CREATING") }),
  };
};

export const describeTable: Operation = (engine, input) => {
  const name = readTableName(input);
  return {
    checks: [tableCheck(engine, "DescribeTable", name)],
    readOnly: true,
    managementEvent: true,
    parameters: { tableName: name },
    run: () => ({ Table: describe(engine, requireTable(engine, name)) }),
  };
};

export const deleteTable: Operation = (engine, input) => {
  const name = readTableName(input);
  return {
    checks: [tableCheck(engine, "DeleteTable", name)],
    readOnly: false,
    managementEvent: true,
    parameters: { tableName: name },
    run: () => {
      const table = requireTable(engine, name);
      const description = describe(engine, table, "DELETING");
      drop(engine, table);
      return { TableDescription: description };
    },
  };
};

export const listTables: Operation = (engine, input) => {
  const limit = readInteger(input, "Limit", 1, 100) ?? 100;
  const after = readText(input, "ExclusiveStartTableName");
  return {
    checks: [plainCheck("ListTables")],
    readOnly: true,
    managementEvent: true,
    parameters: {},
    run: () => {
      const names = engine.tables.names().filter((name) => after === undefined || name > after);
      const page = names.slice(0, limit);
      return { TableNames: page, LastEvaluatedTableName: names.length > limit ? page.at(-1) : undefined };
    },
  };
};

function parseIndexChanges(input: Input): IndexChange[] {
  return (readStructures(input, "GlobalSecondaryIndexUpdates") ?? []).map((element): IndexChange => {
    const create = readStructure(element, "Create");
    if (create !== undefined) return { kind: "create", index: parseIndex(create, "global") };
    const update = readStructure(element, "Update");
    if (update !== undefined) {
      const { throughput } = readBilling({ ProvisionedThroughput: update["ProvisionedThroughput"] });
      return { kind: "update", name: readRequiredText(update, "IndexName"), throughput };
    }
    const remove = readStructure(element, "Delete");
    if (remove === undefined) throw invalidParameter("One of Create, Update or Delete must be specified");
    return { kind: "delete", name: readRequiredText(remove, "IndexName") };
  });
}

function changeBilling(table: Table, input: Input): Table {
  if (!isGiven(input, "BillingMode") && !isGiven(input, "ProvisionedThroughput")) return table;
  const mode = isGiven(input, "BillingMode") ? input["BillingMode"] : table.billingMode;
  const billing = readBilling({ BillingMode: mode, ProvisionedThroughput: input["ProvisionedThroughput"] });
  const isSame =
    billing.billingMode === "PROVISIONED" &&
    table.billingMode === "PROVISIONED" &&
    billing.throughput?.ReadCapacityUnits === table.throughput?.ReadCapacityUnits &&
    billing.throughput?.WriteCapacityUnits === table.throughput?.WriteCapacityUnits;
  if (isSame) {
    throw validation(
      "The provisioned throughput for the table will not change. The requested value equals the current value.",
    );
  }
  return { ...table, ...billing };
}

export const updateTable: Operation = (engine, input) => {
  const name = readTableName(input);
  const changes = parseIndexChanges(input);
  const attributes = parseAttributes(input);
  const view = readStreamView(input);
  const deletionProtection = readFlag(input, "DeletionProtectionEnabled");
  const tableClass = readChoice(input, "TableClass", ["STANDARD", "STANDARD_INFREQUENT_ACCESS"]);
  const encryption = readEncryption(input);
  const isEmpty = [
    "AttributeDefinitions",
    "BillingMode",
    "DeletionProtectionEnabled",
    "GlobalSecondaryIndexUpdates",
    "OnDemandThroughput",
    "ProvisionedThroughput",
    "SSESpecification",
    "StreamSpecification",
    "TableClass",
  ].every((member) => !isGiven(input, member));
  if (isEmpty) {
    throw validation(
      "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required",
    );
  }
  return {
    checks: [tableCheck(engine, "UpdateTable", name)],
    readOnly: false,
    managementEvent: true,
    parameters: {
      tableName: name,
      ...(deletionProtection === undefined ? {} : { deletionProtectionEnabled: deletionProtection }),
    },
    run: () => {
      const current = requireTable(engine, name);
      const saved = engine.store.transaction(() => {
        let table = changeBilling(current, input);
        for (const change of changes) table = changeIndex(engine, table, change, attributes);
        table = changeStream(engine, table, view);
        return engine.tables.save({
          ...table,
          deletionProtection: deletionProtection ?? table.deletionProtection,
          tableClass: tableClass ?? table.tableClass,
          encryption: encryption ?? table.encryption,
        });
      });
      return { TableDescription: describe(engine, saved, "UPDATING") };
    },
  };
};

export const describeLimits: Operation = () => ({
  checks: [plainCheck("DescribeLimits")],
  readOnly: true,
  managementEvent: true,
  parameters: {},
  run: () => ({
    AccountMaxReadCapacityUnits: 80_000,
    AccountMaxWriteCapacityUnits: 80_000,
    TableMaxReadCapacityUnits: 40_000,
    TableMaxWriteCapacityUnits: 40_000,
  }),
});

export const describeEndpoints: Operation = (engine) => ({
  checks: [plainCheck("DescribeEndpoints")],
  readOnly: true,
  managementEvent: true,
  parameters: {},
  run: () => ({
    Endpoints: [{ Address: `dynamodb.${engine.region}.amazonaws.com`, CachePeriodInMinutes: 1440 }],
  }),
});

/** A ResourceArn that must be a table's: streams have neither tags nor policies here. */
export function tableOfArn(engine: Engine, arn: string): Table {
  const table = engine.tables.find(arn);
  if (table === undefined) throw resourceNotFound(`Requested resource not found: ResourcArn: ${arn} not found`);
  return table;
}
