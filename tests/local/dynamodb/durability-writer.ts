import { openService } from "./server.ts";

/*
 * Child of durability.test.ts: writes until it is killed, and prints the number of a write after it was acknowledged.
 * Every write is a transaction over two tables, so that a half of one would show.
 */
const [folder = ""] = process.argv.slice(2);
const service = openService({ now: () => Date.now() }, folder);
for (let n = 0; ; n += 1) {
  const item = (part: string) => ({
    pk: { S: `p${String(n % 7)}` },
    sk: { S: `${String(n).padStart(8, "0")}${part}` },
  });
  await service.invoke("DynamoDB_20120810.TransactWriteItems", {
    ClientRequestToken: `token-${String(n)}`,
    TransactItems: [
      {
        Put: {
          TableName: "data",
          Item: { ...item("a"), gpk: { S: "g" }, gsk: { S: String(n) }, body: { S: "x".repeat(n % 3000) } },
        },
      },
      { Put: { TableName: "outbox", Item: item("b") } },
      {
        Update: {
          TableName: "data",
          Key: { pk: { S: "counter" }, sk: { S: "c" } },
          UpdateExpression: "ADD n :one",
          ExpressionAttributeValues: { ":one": { N: "1" } },
        },
      },
    ],
  });
  process.stdout.write(`${String(n)}\n`);
}
