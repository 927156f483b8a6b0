// A stage that is killed while its function has a batch in hand. Argument: the data folder.
import { startStack } from "../../../scripts/local/stack.ts";
import { streamPlan } from "./stream-plan.ts";

const folder = process.argv[2] ?? "";
const plan = streamPlan({ mapping: { batchSize: 2 }, environment: { MODE: "hang" } });
const stack = await startStack({ plan, folder });
await stack.eventSources.pause();
for (const name of ["p0", "p1", "p2", "hang", "p3", "p4"]) {
  await stack.cloud.dynamodb.invoke("DynamoDB_20120810.PutItem", {
    TableName: "test-source",
    Item: { pk: { S: name } },
  });
}
stack.eventSources.resume();
setInterval(() => {
  if (stack.lambda.logs("test-reader").includes("hangs at hang")) process.stdout.write("hanging\n");
}, 20);
