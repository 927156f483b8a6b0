import { openService } from "./server.ts";

/** For `spawn`: this file, run with a folder as its argument. */
export const WRITER_FILE = import.meta.filename;

/**
 * Writes until the process is killed, and prints the number of a write after it was acknowledged. Every write is a
 * transaction over two tables, so that a half of one would show.
 */
async function writeForever(folder: string): Promise<never> {
  const service = openService({ now: () => Date.now() }, folder);
  for (let n = 0; ; n += 1) {
    const item = (part: string) => ({
      pk: { S: `p${String(n % 7)}` },
      sk: { S: `${String(n).padStart(8, "0")}${part}` },
    });
    const indexed = { gpk: { S: "g" }, gsk: { S: String(n) }, body: { S: "x".repeat(n % 3000) } };
    await service.invoke("DynamoDB_20120810.TransactWriteItems", {
      ClientRequestToken: `token-${String(n)}`,
      TransactItems: [
        { Put: { TableName: "data", Item: { ...item("a"), ...indexed } } },
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
}

if (process.argv[1] === WRITER_FILE) await writeForever(process.argv[2] ?? "");
