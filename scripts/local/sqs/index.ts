import type { PolicyDocument } from "../../../core/iam/document.ts";
import type { TimedClock } from "../front/clock.ts";
import { jsonResponse, parseJsonBody, renderJsonError } from "../front/json-protocol.ts";
import { ServiceError, type Call, type Check, type Prepared, type Service, type ServiceDeps } from "../service.ts";
import { invalid, textMember, type Input } from "./input.ts";
import { createOperations, createWaiters } from "./operations.ts";
import { createMessageStore, type Queue } from "./store.ts";

export type { Queue } from "./store.ts";

export interface QueueInput {
  /** 1 to 80 letters, digits, `-` and `_`. */
  readonly name: string;
  readonly visibilityTimeoutSeconds?: number;
  readonly retentionSeconds?: number;
  readonly delaySeconds?: number;
  readonly receiveWaitSeconds?: number;
  readonly policy?: PolicyDocument;
  readonly redrive?: { readonly deadLetterTargetArn: string; readonly maxReceiveCount: number };
}

/** SQS: standard queues over AWS JSON 1.0. Queues are made by the provisioner, not over the wire. */
export interface Sqs extends Service {
  /** Creates the queue, or changes its attributes and keeps its messages. */
  createQueue(input: QueueInput): Queue;
  queue(nameOrArn: string): Queue | undefined;
  /** Answers long polls at once, now and from here on. */
  endWaits(): void;
}

const FOUR_DAYS = 345_600;

export function createSqs(deps: ServiceDeps, clock: TimedClock): Sqs {
  const store = createMessageStore(deps.openDatabase("sqs"), deps.clock);
  const waiters = createWaiters(clock);
  const operations = createOperations(store, waiters, clock);
  const arnOf = (name: string): string => `arn:aws:sqs:${deps.region}:${deps.accountId}:${name}`;

  const check = (action: string, name: string): Check => {
    const policy = store.queue(name)?.policy;
    return {
      action: `sqs:${action}`,
      resource: arnOf(name),
      context: {},
      ...(policy === undefined ? {} : { resourcePolicy: policy }),
    };
  };
  const known = (name: string): Queue => {
    const queue = store.queue(name);
    if (queue === undefined) throw new ServiceError("QueueDoesNotExist", "The specified queue does not exist.", 400);
    return queue;
  };

  const prepareUrl = (input: Input, host: string): Prepared => {
    const name = textMember(input, "QueueName");
    const owner = input["QueueOwnerAWSAccountId"];
    return {
      operation: "GetQueueUrl",
      checks: [check("GetQueueUrl", name)],
      readOnly: true,
      managementEvent: true,
      requestParameters: { queueName: name },
      run() {
        if (owner !== undefined && owner !== deps.accountId) known("");
        return jsonResponse({ QueueUrl: `http://${host}/${deps.accountId}/${known(name).name}` }, "1.0");
      },
    };
  };

  return {
    signingName: "sqs",
    prepare(request, call: Call): Prepared {
      const [prefix, operation = ""] = (request.headers["x-amz-target"] ?? "").split(".");
      const input = parseJsonBody(request.body);
      if (prefix === "AmazonSQS" && operation === "GetQueueUrl")
        return prepareUrl(input, request.headers["host"] ?? "");
      const handler =
        prefix === "AmazonSQS" && Object.hasOwn(operations, operation) ? operations[operation] : undefined;
      if (handler === undefined) {
        throw new ServiceError("NotImplemented", "This operation is not part of the embedded AWS", 501);
      }
      const name = queueName(textMember(input, "QueueUrl"), deps.accountId);
      return {
        operation,
        checks: [check(handler.action, name)],
        readOnly: handler.isReadOnly,
        // Messages are data; CloudTrail takes only the queue's administration as management events.
        managementEvent: operation === "PurgeQueue" || operation === "GetQueueAttributes",
        requestParameters: { queueUrl: input["QueueUrl"] },
        async run() {
          return jsonResponse(await handler.run(known(name), input, call), "1.0");
        },
      };
    },
    renderError(error, call) {
      const response = renderJsonError(error, call.requestId, "1.0", "com.amazonaws.sqs");
      const queryCode = error.code === "QueueDoesNotExist" ? "AWS.SimpleQueueService.NonExistentQueue" : error.code;
      return { ...response, headers: { ...response.headers, "x-amzn-query-error": `${queryCode};Sender` } };
    },
    createQueue(input) {
      if (!/^[A-Za-z0-9_-]{1,80}$/.test(input.name))
        throw invalid("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
      const queue: Queue = {
        name: input.name,
        arn: arnOf(input.name),
        createdAtMs: store.queue(input.name)?.createdAtMs ?? deps.clock.now(),
        visibilityTimeoutSeconds: input.visibilityTimeoutSeconds ?? 30,
        retentionSeconds: input.retentionSeconds ?? FOUR_DAYS,
        delaySeconds: input.delaySeconds ?? 0,
        receiveWaitSeconds: input.receiveWaitSeconds ?? 0,
        ...(input.policy === undefined ? {} : { policy: input.policy }),
        ...(input.redrive === undefined ? {} : { redrive: input.redrive }),
      };
      store.putQueue(queue);
      return queue;
    },
    queue: (nameOrArn) => store.queue(nameOrArn.split(":").at(-1) ?? ""),
    endWaits: () => waiters.close(),
  };
}

/** Whatever host the URL names, the queue is the last part of its path, of this account. */
function queueName(url: string, accountId: string): string {
  const match = /^https?:\/\/[^/]+\/(\d{12})\/([A-Za-z0-9_-]{1,80})$/.exec(url);
  if (match?.[1] !== accountId) throw new ServiceError("QueueDoesNotExist", "The specified queue does not exist.", 400);
  return match[2] ?? "";
}
