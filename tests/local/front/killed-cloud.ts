import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { createCloud } from "../../../scripts/local/front/index.ts";

/** Run as a process of its own: answers for messages until it is killed, and prints what was acknowledged. */
const cloud = await createCloud({ folder: process.argv[2] ?? "" });
cloud.sqs.createQueue({ name: "q" });
cloud.iam.roles.put({
  name: "fn",
  trust: {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
  },
});
const sqs = new SQSClient({ endpoint: cloud.endpoint, region: "us-east-1", credentials: cloud.rootCredentials });
for (;;) {
  const { accessKeyId } = cloud.iam.issueServiceSession(
    "arn:aws:iam::111122223333:role/fn",
    "lambda.amazonaws.com",
    "killed",
  );
  const sent = await sqs.send(
    new SendMessageCommand({ QueueUrl: `${cloud.endpoint}/111122223333/q`, MessageBody: accessKeyId }),
  );
  process.stdout.write(`${accessKeyId} ${sent.MessageId} ${sent.$metadata.requestId}\n`);
}
