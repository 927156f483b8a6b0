import { gzipSync, zstdCompressSync } from "node:zlib";
import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { GetQueueUrlCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { attachmentBucketName, deadLetterQueueName, functionName } from "../../../core/iam/index.ts";
import { type Hands, putPastIam } from "../aws.ts";
import { newTestId, SITE, type World } from "../world.ts";
import { reversed } from "./canary-scan.ts";

/** Leaves `word` in every sink of the stage, in another coating in each: what the scan is shown to find. */
export async function plant(world: World, root: Hands, word: string): Promise<void> {
  const { stack } = world;
  const base64 = Buffer.from(`a text with ${word} in it`).toString("base64");
  const gzip = gzipSync(`a text with ${word} in it`);
  const pk = { S: `T#${world.a.tenantId}#C#P#${newTestId()}` };
  await putPastIam(world, "data", { pk, sk: { S: "x" }, deep: { M: { list: { L: [{ B: gzip }] } } } });
  await putPastIam(world, "data", { pk, sk: { S: reversed(word) } });
  await putPastIam(world, "outbox", { pk, sk: { S: newTestId() }, event: { S: Buffer.from(word).toString("hex") } });
  const bucket = attachmentBucketName(SITE);
  stack.cloud.s3.putObjectInternal(bucket, newTestId(), zstdCompressSync(Buffer.from(`a text with ${word} in it`)));
  stack.cloud.s3.putObjectInternal(bucket, `t/${word}`, Buffer.from("x"));
  stack.lambda.appendLog(functionName(SITE, "fhir"), `{"error":"${base64}"}`);
  const { QueueUrl } = await root.sqs.send(new GetQueueUrlCommand({ QueueName: deadLetterQueueName(SITE) }));
  await root.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: encodeURIComponent(`{"body":"${base64}"}`) }));
  const talkative = new DynamoDBClient({
    region: SITE.region,
    endpoint: stack.endpoint,
    credentials: root.credentials,
    customUserAgent: [[word]],
  });
  await talkative.send(new ListTablesCommand({}));
  talkative.destroy();
  // What was planted in the outbox is no event, so it goes on into the archive: in quarantine, and with an alarm.
  await stack.drain();
}
