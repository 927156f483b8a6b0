import {
  type AttributeValue,
  BatchGetItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { packLine, unpackLine } from "../../../core/audit/row.ts";
import { archiveBucketName, tableName } from "../../../core/iam/index.ts";
import { invariant } from "../../../core/kernel/invariant.ts";
import { functionCredentials, type Item, itemsOf, putPastIam, text } from "../aws.ts";
import { SITE } from "../world.ts";
import { key, type Probe, probes, type Scene, type Use } from "./scene.ts";

const OUTBOX = tableName(SITE, "outbox");
const DENIED = "AccessDeniedException";

/** The first event of A's that the stage wrote: of a Patient that was filed. */
function eventOf({ world, a }: Scene): { readonly item: Item; readonly pk: string; readonly sk: string } {
  const item = itemsOf(world, "outbox").find(
    (each) => each["pk"]?.S?.startsWith(`T#${a}#A#`) && each["event"] !== undefined,
  );
  const [pk, sk] = [item?.["pk"]?.S, item?.["sk"]?.S];
  invariant(item !== undefined && pk !== undefined && sk !== undefined, "A has an event");
  return { item, pk, sk };
}

const lineOf = (item: Item): string => unpackLine(item["event"]?.B ?? new Uint8Array()) ?? "{}";

const changedLine = (item: Item, change: (event: Record<string, unknown>) => Record<string, unknown>): string =>
  JSON.stringify(change(JSON.parse(lineOf(item)) as Record<string, unknown>));
const packed = (line: string): AttributeValue => ({ B: packLine(line) });

const archived = ({ world }: Scene) =>
  [...world.stack.cloud.s3.dumpObjects(archiveBucketName(SITE))].map(({ key: name, bytes }) => ({
    name,
    content: bytes?.toString("utf8") ?? "",
  }));
const alarms = ({ world }: Scene): number =>
  (world.stack.logs().get("keyward-dev-archive") ?? []).filter((line) => line.includes('"failure":"outbox-tampering"'))
    .length;

export function outboxTampering(use: Use): void {
  const rows: Probe[] = [
    [
      "GetItem of an own event",
      DENIED,
      (scene) => {
        const { pk, sk } = eventOf(scene);
        return scene.own.dynamodb.send(new GetItemCommand({ TableName: OUTBOX, Key: key(pk, sk) }));
      },
    ],
    [
      "BatchGetItem of an own event",
      DENIED,
      (scene) => {
        const { pk, sk } = eventOf(scene);
        return scene.own.dynamodb.send(
          new BatchGetItemCommand({ RequestItems: { [OUTBOX]: { Keys: [key(pk, sk)] } } }),
        );
      },
    ],
    [
      "Query of the own events",
      DENIED,
      (scene) =>
        scene.own.dynamodb.send(
          new QueryCommand({
            TableName: OUTBOX,
            KeyConditionExpression: "pk = :p",
            ExpressionAttributeValues: { ":p": text(eventOf(scene).pk) },
          }),
        ),
    ],
    [
      "a condition on an own event",
      DENIED,
      (scene) => {
        const { pk, sk } = eventOf(scene);
        const ConditionCheck = { TableName: OUTBOX, Key: key(pk, sk), ConditionExpression: "attribute_exists(pk)" };
        return scene.own.dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ ConditionCheck }] }));
      },
    ],
    [
      "UpdateItem of an own event",
      DENIED,
      (scene) => {
        const { pk, sk } = eventOf(scene);
        return scene.own.dynamodb.send(
          new UpdateItemCommand({
            TableName: OUTBOX,
            Key: key(pk, sk),
            UpdateExpression: "REMOVE event",
          }),
        );
      },
    ],
    [
      "UpdateItem of an own event in a transaction",
      DENIED,
      (scene) => {
        const { pk, sk } = eventOf(scene);
        const Update = { TableName: OUTBOX, Key: key(pk, sk), UpdateExpression: "REMOVE event" };
        return scene.own.dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ Update }] }));
      },
    ],
    [
      "DeleteItem of an own event",
      DENIED,
      (scene) => {
        const { pk, sk } = eventOf(scene);
        return scene.own.dynamodb.send(new DeleteItemCommand({ TableName: OUTBOX, Key: key(pk, sk) }));
      },
    ],
    [
      "PutItem that gives back what it overwrote",
      DENIED,
      (scene) => {
        const { pk, sk } = eventOf(scene);
        return scene.own.dynamodb.send(
          new PutItemCommand({ TableName: OUTBOX, Item: key(pk, sk), ReturnValues: "ALL_OLD" }),
        );
      },
    ],
    [
      "root does not read an event",
      DENIED,
      (scene) => {
        const { pk, sk } = eventOf(scene);
        return scene.root.dynamodb.send(new GetItemCommand({ TableName: OUTBOX, Key: key(pk, sk) }));
      },
    ],
    [
      "root does not write one",
      DENIED,
      (scene) => scene.root.dynamodb.send(new PutItemCommand({ TableName: OUTBOX, Item: eventOf(scene).item })),
    ],
    [
      "root does not delete one",
      DENIED,
      (scene) => {
        const { pk, sk } = eventOf(scene);
        return scene.root.dynamodb.send(new DeleteItemCommand({ TableName: OUTBOX, Key: key(pk, sk) }));
      },
    ],
    [
      "the archive function does not read an event from the table",
      DENIED,
      (scene) => {
        const { pk, sk } = eventOf(scene);
        const { dynamodb } = scene.hands(functionCredentials(scene.world, "archive"));
        return dynamodb.send(new GetItemCommand({ TableName: OUTBOX, Key: key(pk, sk) }));
      },
    ],
  ];

  describe("AW-05 outbox tampering", () => {
    probes("AW-05", use, rows);

    it("AW-05 an event that a session overwrites raises an alarm, and the archive keeps both", async () => {
      const scene = use();
      await scene.world.stack.drain();
      const before = alarms(scene);
      const { item, pk, sk } = eventOf(scene);
      const original = lineOf(item);
      const forgedLine = changedLine(item, (event) => ({ ...event, outcome: "denied" }));
      const forged = { ...item, event: packed(forgedLine) };
      // The one write that a session has in the outbox: nothing but the row's own key keeps it from another's event.
      await scene.own.dynamodb.send(new PutItemCommand({ TableName: OUTBOX, Item: forged }));
      await scene.world.stack.drain();
      expect(alarms(scene)).toBe(before + 1);
      const objects = archived(scene);
      expect(objects.some(({ name, content }) => name.includes("/t/") && content.includes(original))).toBe(true);
      const kept = objects.filter(({ name }) => name.startsWith("v1/events/quarantine/"));
      expect(kept.map(({ content }) => JSON.parse(content) as unknown)).toContainEqual({
        change: "MODIFY",
        keys: { pk: { S: pk }, sk: { S: sk } },
        before: original,
        after: forgedLine,
      });
    });

    it("AW-05 ISO-7 an event of A under B's key, past IAM, is kept as evidence and goes into nobody's trail", async () => {
      const scene = use();
      const before = alarms(scene);
      const { item, sk } = eventOf(scene);
      const id = `${sk.slice(0, -1)}${sk.endsWith("0") ? "1" : "0"}`;
      const event = packed(changedLine(item, (each) => ({ ...each, id })));
      await putPastIam(scene.world, "outbox", { pk: text(`T#${scene.b}#A#2026-11-22`), sk: text(id), event });
      await scene.world.stack.drain();
      expect(alarms(scene)).toBe(before + 1);
      const holding = archived(scene).filter(({ content }) => content.includes(id));
      expect(holding.map(({ name }) => name.split("/").slice(0, 3).join("/"))).toEqual(["v1/events/quarantine"]);
    });
  });
}
