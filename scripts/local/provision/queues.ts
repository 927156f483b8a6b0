import * as z from "zod";
import type { PolicyDocument } from "../../../core/iam/document.ts";
import type { Sqs } from "../sqs/index.ts";
import { policyDocument } from "./resources.ts";
import type { Resources } from "./resources.ts";

const queue = z.strictObject({
  name: z.string(),
  delaySeconds: z.int().optional(),
  messageRetentionSeconds: z.int().optional(),
  receiveWaitTimeSeconds: z.int().optional(),
  visibilityTimeoutSeconds: z.int().optional(),
  fifoQueue: z.literal(false).optional(),
  /** Nothing is sent but positions in a stream; the data folder is this machine's own. */
  sqsManagedSseEnabled: z.literal(true).optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

const queuePolicy = z.strictObject({ queueUrl: z.string(), policy: policyDocument });

/** Makes every queue. Messages that wait in one stay. Gives the names. */
export function provisionQueues(resources: Resources, sqs: Sqs): readonly string[] {
  const policies = resources.take("aws:sqs/queuePolicy:QueuePolicy", queuePolicy);
  return resources.take("aws:sqs/queue:Queue", queue).map(({ inputs, state }) => {
    const policy = policies.find((one) => one.inputs.queueUrl === state["url"])?.inputs.policy;
    sqs.createQueue({
      name: inputs.name,
      ...(inputs.delaySeconds === undefined ? {} : { delaySeconds: inputs.delaySeconds }),
      ...(inputs.messageRetentionSeconds === undefined ? {} : { retentionSeconds: inputs.messageRetentionSeconds }),
      ...(inputs.receiveWaitTimeSeconds === undefined ? {} : { receiveWaitSeconds: inputs.receiveWaitTimeSeconds }),
      ...(inputs.visibilityTimeoutSeconds === undefined
        ? {}
        : { visibilityTimeoutSeconds: inputs.visibilityTimeoutSeconds }),
      ...(policy === undefined ? {} : { policy: policy as PolicyDocument }),
    });
    return inputs.name;
  });
}
