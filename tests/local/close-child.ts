// Starts a stage, uses every part of it, and ends it. The process must then end by itself, with status 0.
import { createSystemClock } from "../../scripts/local/front/index.ts";
import { startStack } from "../../scripts/local/stack.ts";
import { readPlan } from "../../scripts/local/provision/index.ts";

const plan = readPlan("dev");
const handler = "tests/fixtures/lambda/misbehave.handler";
const clock = createSystemClock();
const stack = await startStack({
  clock,
  plan: { ...plan, functions: plan.functions.map((one) => ({ ...one, handler, install: {} })) },
});
await fetch(`${stack.endpoint}/fhir/Patient/p1`);
await stack.cloud.dynamodb.invoke("DynamoDB_20120810.PutItem", {
  TableName: "keyward-dev-c01-data",
  Item: { pk: { S: "a" }, sk: { S: "b" } },
});
await stack.lambda.invoke("keyward-dev-seal", { do: "throw" }, { type: "Event" });
await clock.advance(60_000);
await stack.drain();
await stack.close();
await clock.close();
