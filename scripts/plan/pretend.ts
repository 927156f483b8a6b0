import { createHash } from "node:crypto";

/** What AWS would answer, made up from names alone, so that a plan is the same in every run and on every machine. */

export const ACCOUNT = "111122223333";
/** The account that the witness of the audit log stands in. */
export const WITNESS_ACCOUNT = "444455556666";
export const REGION = "us-east-1";
/** A stream is named by the time at which it was switched on. */
const STREAM_LABEL = "2026-01-01T00:00:00.000";

type Properties = Readonly<Record<string, unknown>>;

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Ten letters and digits, like the ids of API Gateway. */
const shortId = (text: string): string =>
  BigInt(`0x${digest(text).slice(0, 16)}`)
    .toString(36)
    .padStart(10, "0")
    .slice(0, 10);

/** A version 4 UUID in form, made of the name. */
function uuid(text: string): string {
  const hex = digest(text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const regional = (account: string, service: string, rest: string): string =>
  `arn:aws:${service}:${REGION}:${account}:${rest}`;

interface Pretended {
  readonly id: string;
  readonly state: Properties;
}

/** What is known of a resource before it is made. */
interface Planned {
  readonly name: string;
  /** What no other resource of any stage has. */
  readonly unique: string;
  readonly inputs: Properties;
  /** Which account's provider makes it. */
  readonly account: string;
}

type Pretender = (planned: Planned) => Pretended;

/** By resource type: the id that Pulumi would keep, and the properties that AWS would add. A type not here is an error. */
const pretenders: Readonly<Record<string, Pretender>> = {
  "aws:iam/role:Role": ({ name, account }) => ({ id: name, state: { arn: `arn:aws:iam::${account}:role/${name}` } }),
  "aws:iam/rolePolicy:RolePolicy": ({ name, inputs }) => ({ id: `${String(inputs["role"])}:${name}`, state: {} }),
  "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive": ({ inputs }) => named(inputs["roleName"]),
  "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": ({ inputs }) => named(inputs["roleName"]),
  "aws:kms/key:Key": ({ unique, account }) => {
    const keyId = uuid(unique);
    return { id: keyId, state: { keyId, arn: regional(account, "kms", `key/${keyId}`) } };
  },
  "aws:kms/alias:Alias": ({ name, inputs, account }) => ({
    id: name,
    state: {
      arn: regional(account, "kms", name),
      targetKeyArn: regional(account, "kms", `key/${String(inputs["targetKeyId"])}`),
    },
  }),
  "aws:dynamodb/table:Table": ({ name, inputs, account }) => {
    const arn = regional(account, "dynamodb", `table/${name}`);
    const stream =
      inputs["streamEnabled"] === true ? { streamArn: `${arn}/stream/${STREAM_LABEL}`, streamLabel: STREAM_LABEL } : {};
    return { id: name, state: { arn, ...stream } };
  },
  "aws:dynamodb/resourcePolicy:ResourcePolicy": ({ inputs }) => named(inputs["resourceArn"]),
  "aws:s3/bucket:Bucket": ({ inputs }) => {
    const bucket = String(inputs["bucket"]);
    return {
      id: bucket,
      state: {
        arn: `arn:aws:s3:::${bucket}`,
        bucketDomainName: `${bucket}.s3.amazonaws.com`,
        bucketRegionalDomainName: `${bucket}.s3.${REGION}.amazonaws.com`,
      },
    };
  },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ofBucket,
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ofBucket,
  "aws:s3/bucketVersioning:BucketVersioning": ofBucket,
  "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": ofBucket,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": ofBucket,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ofBucket,
  "aws:s3/bucketPolicy:BucketPolicy": ofBucket,
  // The zip of a function's code, in SST's own asset bucket.
  "aws:s3/bucketObjectv2:BucketObjectv2": ({ inputs }) => named(inputs["key"]),
  "aws:sqs/queue:Queue": ({ name, account }) => {
    const url = `https://sqs.${REGION}.amazonaws.com/${account}/${name}`;
    return { id: url, state: { arn: regional(account, "sqs", name), url } };
  },
  "aws:cloudwatch/logGroup:LogGroup": ({ name, account }) => ({
    id: name,
    state: { arn: regional(account, "logs", `log-group:${name}`) },
  }),
  "aws:lambda/function:Function": ({ name, account }) => {
    const arn = regional(account, "lambda", `function:${name}`);
    const invokeArn = `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/${arn}/invocations`;
    return { id: name, state: { arn, invokeArn, qualifiedArn: `${arn}:$LATEST`, version: "$LATEST" } };
  },
  "aws:lambda/permission:Permission": ({ inputs }) => named(inputs["statementId"]),
  "aws:lambda/eventSourceMapping:EventSourceMapping": ({ unique, account }) => {
    const id = uuid(unique);
    return { id, state: { uuid: id, arn: regional(account, "lambda", `event-source-mapping:${id}`) } };
  },
  "aws:scheduler/schedule:Schedule": ({ name, account }) => ({
    id: `default/${name}`,
    state: { arn: regional(account, "scheduler", `schedule/default/${name}`), groupName: "default" },
  }),
  "aws:apigatewayv2/api:Api": ({ unique, account }) => {
    const id = shortId(unique);
    return {
      id,
      state: {
        arn: `arn:aws:apigateway:${REGION}::/apis/${id}`,
        apiEndpoint: `https://${id}.execute-api.${REGION}.amazonaws.com`,
        executionArn: regional(account, "execute-api", id),
      },
    };
  },
  "aws:apigatewayv2/stage:Stage": ({ name, inputs }) => ({
    id: name,
    state: { arn: `arn:aws:apigateway:${REGION}::/apis/${String(inputs["apiId"])}/stages/${name}` },
  }),
  "aws:apigatewayv2/integration:Integration": shortly,
  "aws:apigatewayv2/route:Route": shortly,
  "aws:cloudfront/originAccessControl:OriginAccessControl": shortly,
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": ({ unique }) => ({ id: uuid(unique), state: {} }),
  "aws:cloudfront/function:Function": ({ name, account }) => ({
    id: name,
    state: { arn: `arn:aws:cloudfront::${account}:function/${name}` },
  }),
  "aws:cloudfront/distribution:Distribution": ({ unique, account }) => {
    const id = `E${shortId(unique).toUpperCase()}`;
    return {
      id,
      state: {
        arn: `arn:aws:cloudfront::${account}:distribution/${id}`,
        domainName: `d${shortId(unique)}.cloudfront.net`,
        hostedZoneId: "Z2FDTNDATAQYW2",
      },
    };
  },
  "aws:wafv2/webAcl:WebAcl": ({ name, unique, account }) => ({
    id: uuid(unique),
    state: { arn: regional(account, "wafv2", `global/webacl/${name}/${uuid(unique)}`) },
  }),
  "aws:cloudwatch/logDeliverySource:LogDeliverySource": ({ name, account }) => ({
    id: name,
    state: { arn: regional(account, "logs", `delivery-source:${name}`) },
  }),
  "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": ({ name, account }) => ({
    id: name,
    state: { arn: regional(account, "logs", `delivery-destination:${name}`) },
  }),
  "aws:cloudwatch/logDelivery:LogDelivery": shortly,
  "aws:cloudtrail/trail:Trail": ({ name, account }) => {
    const arn = regional(account, "cloudtrail", `trail/${name}`);
    return { id: arn, state: { arn, homeRegion: REGION } };
  },
  "random:index/randomBytes:RandomBytes": () => {
    const zeros = Buffer.alloc(32);
    return { id: "-", state: { base64: zeros.toString("base64"), hex: zeros.toString("hex") } };
  },
};

function named(id: unknown): Pretended {
  return { id: String(id), state: {} };
}

function ofBucket({ inputs }: Planned): Pretended {
  return named(inputs["bucket"]);
}

function shortly({ unique }: Planned): Pretended {
  return { id: shortId(unique), state: {} };
}

/**
 * `unique` is what no other resource of any stage has, `account` whose provider makes it. Components of SST and Pulumi's
 * own types get no id, but a provider, whose id its resources name.
 */
export function pretendResource(
  type: string,
  name: string,
  unique: string,
  inputs: Properties,
  account: string,
): Pretended {
  if (type.startsWith("pulumi:providers:")) return named(name);
  if (!type.startsWith("aws:") && !type.startsWith("random:")) return { id: "", state: {} };
  const pretender = pretenders[type];
  if (pretender === undefined) throw new Error(`scripts/plan/pretend.ts does not know the resource type ${type}`);
  const { name: physicalName } = inputs;
  return pretender({ name: typeof physicalName === "string" ? physicalName : name, unique, inputs, account });
}

/** The account that a provider works in: that of the role it assumes, or the stage's own. */
export const accountOf = (provider: Properties | undefined): string =>
  /:iam::(\d{12}):role\//.exec(JSON.stringify(provider?.["assumeRoles"] ?? ""))?.[1] ?? ACCOUNT;

const questions: Readonly<Record<string, Properties>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": {
    accountId: ACCOUNT,
    arn: `arn:aws:iam::${ACCOUNT}:role/deploy`,
    userId: "deploy",
    id: ACCOUNT,
  },
  "aws:index/getPartition:getPartition": {
    partition: "aws",
    dnsSuffix: "amazonaws.com",
    reverseDnsPrefix: "com.amazonaws",
    id: "aws",
  },
  "aws:index/getRegion:getRegion": { region: REGION, name: REGION, id: REGION, description: "US East", endpoint: "" },
};

/** The answer to a question that the stack asks AWS. One that is not known is an error and never a guess. */
export function pretendAnswer(token: string): Properties {
  const answer = questions[token];
  if (answer === undefined) throw new Error(`scripts/plan/pretend.ts does not know the question ${token}`);
  return answer;
}
