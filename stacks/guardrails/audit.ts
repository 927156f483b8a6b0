import { asList, FUNCTION_NAMES, type FunctionName, type Statement, ZONE_FUNCTIONS } from "../../core/iam/index.ts";
import {
  at,
  listAt,
  principals,
  stageOf,
  statements,
  textAt,
  type ResourceGuardrail,
  type StackGuardrail,
  type StackResource,
  type Violation,
} from "./guardrail.ts";

const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
const KEY = "aws:kms/key:Key";
const ALIAS = "aws:kms/alias:Alias";
const BUCKET = "aws:s3/bucket:Bucket";
const LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
const TRAIL = "aws:cloudtrail/trail:Trail";

const isAllow = ({ Effect }: Statement): boolean => Effect === "Allow";
const allowed = (resource: StackResource): readonly Statement[] =>
  statements(resource.properties["policy"]).filter(isAllow);

/** The key that an alias ending with `-<name>` points to. */
function keyByAlias(resources: readonly StackResource[], name: string): StackResource | undefined {
  const alias = resources.find(
    ({ type, properties }) => type === ALIAS && textAt(properties, "name").endsWith(`-${name}`),
  );
  return resources.find(({ type, id }) => type === KEY && id !== undefined && id === alias?.properties["targetKeyId"]);
}

const functionOf = (rolePolicy: StackResource): FunctionName | undefined =>
  FUNCTION_NAMES.find((name) => textAt(rolePolicy.properties, "role").endsWith(`-fn-${name}`));

const WRITES = /^s3:(Put|Delete|Replicate|Restore|Bypass|Abort)|^s3:\*|^\*$/i;

export const witnessApart: StackGuardrail = {
  name: "witness-apart",
  description:
    "AUD-7: the witness alone signs with its key and writes its bucket, and where PHI is it stands in another account.",
  examineStack(resources) {
    const found: Violation[] = [];
    const key = keyByAlias(resources, "witness");
    if (key !== undefined) {
      for (const statement of allowed(key)) {
        const signs = asList(statement.Action).some((action) => /^kms:(Sign|\*)$|^\*$/i.test(action));
        if (signs && !principals(statement).every((who) => /^AWS .*-fn-witness$/.test(who)))
          found.push({ urn: key.urn, message: `statement ${statement.Sid ?? ""} lets another than the witness sign` });
      }
    }
    for (const policy of resources.filter(({ type }) => type === ROLE_POLICY)) {
      if (functionOf(policy) === "witness") continue;
      for (const statement of allowed(policy)) {
        const actions = asList(statement.Action);
        const targets = asList(statement.Resource);
        if (actions.some((action) => WRITES.test(action)) && targets.some((target) => /:::.*-witness-/.test(target)))
          found.push({ urn: policy.urn, message: "another role than the witness writes its bucket" });
        const signs = actions.some((action) => action.toLowerCase() === "kms:sign");
        if (signs && key?.id !== undefined && targets.some((target) => target.endsWith(`key/${key.id}`)))
          found.push({ urn: policy.urn, message: "another role than the witness signs with its key" });
      }
    }
    for (const bucket of resources.filter(
      ({ type, properties }) => type === BUCKET && isNamed(properties, "witness"),
    )) {
      const archive = resources.find(({ type, properties }) => type === BUCKET && isNamed(properties, "archive"));
      if (stageOf(bucket).holdsPhi && accountIn(bucket) === accountIn(archive))
        found.push({ urn: bucket.urn, message: "the witness stands in the account that it watches" });
    }
    return found;
  },
};

const isNamed = (properties: StackResource["properties"], part: string): boolean =>
  textAt(properties, "bucket").includes(`-${part}-`);
const accountIn = (bucket: StackResource | undefined): string | undefined =>
  /-(\d{12})$/.exec(textAt(bucket?.properties, "bucket"))?.[1];

/** What tells sizes and opaque names, and no content: so much the meter may ask. */
const SIZES: ReadonlySet<string> = new Set(["dynamodb:DescribeTable", "s3:ListBucketVersions"]);

export const backgroundBlind: StackGuardrail = {
  name: "background-blind",
  description:
    "ISO-8: what runs behind a stream or a schedule serves all tenants, and so reads no chart, no wrapped key and no attachment.",
  examineStack(resources) {
    const cellKey = keyByAlias(resources, "cell")?.id;
    return resources
      .filter(({ type }) => type === ROLE_POLICY)
      .flatMap((policy) => {
        const name = functionOf(policy);
        if (name === undefined || ZONE_FUNCTIONS.some((zone) => zone === name)) return [];
        const messages = allowed(policy).flatMap((statement) => {
          if (asList(statement.Action).every((action) => SIZES.has(action))) return [];
          const targets = asList(statement.Resource);
          const isProjected = at(statement.Condition, "StringEquals", "dynamodb:Select") === "SPECIFIC_ATTRIBUTES";
          return [
            ...(targets.some((target) => /:table\/[^/]*-data(\/index\/.*)?$/.test(target)) && !isProjected
              ? [`function ${name} reaches whole rows of all charts`]
              : []),
            ...(targets.some((target) => /:table\/[^/]*-keys$/.test(target))
              ? [`function ${name} reaches the wrapped keys of all tenants`]
              : []),
            ...(targets.some((target) => /:::.*-att-/.test(target))
              ? [`function ${name} reaches the attachments of all tenants`]
              : []),
            ...(cellKey !== undefined && targets.some((target) => target.endsWith(`key/${cellKey}`))
              ? [`function ${name} uses the key of all tenants`]
              : []),
          ];
        });
        return messages.map((message) => ({ urn: policy.urn, message }));
      });
  },
};

/** Classes from which an object is read at once: an audit that must wait a day for its events is none. */
const READABLE_CLASSES: ReadonlySet<string> = new Set(["STANDARD_IA", "GLACIER_IR", "INTELLIGENT_TIERING"]);

export const archiveTiered: ResourceGuardrail = {
  name: "archive-tiered",
  description: "AUD-10: what is locked moves to a cheaper class that is read at once, and never expires.",
  examine({ type, properties }) {
    if (type !== LIFECYCLE || !/-(archive|trail|witness)-/.test(textAt(properties, "bucket"))) return [];
    return listAt(properties, "rules").flatMap((rule) => {
      const found: string[] = [];
      if (at(rule, "expiration") !== undefined || at(rule, "noncurrentVersionExpiration") !== undefined)
        found.push("a rule lets objects expire");
      for (const transition of [...listAt(rule, "transitions"), ...listAt(rule, "noncurrentVersionTransitions")]) {
        const storageClass = textAt(transition, "storageClass");
        if (!READABLE_CLASSES.has(storageClass)) found.push(`objects in ${storageClass} are not read at once`);
      }
      return found;
    });
  },
};

export const itemsTrailed: ResourceGuardrail = {
  name: "items-trailed",
  description: "AUD-1: where the stage says so, CloudTrail records every call on an item of the charts.",
  examine(resource) {
    if (resource.type !== TRAIL || !stageOf(resource).itemTrail) return [];
    const isWatched = listAt(resource.properties, "advancedEventSelectors").some((selector) => {
      const fields = listAt(selector, "fieldSelectors");
      const values = (field: string): readonly unknown[] => {
        const found = fields.find((one) => textAt(one, "field") === field);
        return [...listAt(found, "equals"), ...listAt(found, "startsWiths")];
      };
      const isNarrowed = fields.some((one) => ["readOnly", "eventName"].includes(textAt(one, "field")));
      return (
        !isNarrowed &&
        values("resources.type").includes("AWS::DynamoDB::Table") &&
        values("resources.ARN").some((arn) => /:table\/[^/]*-data$/.test(String(arn)))
      );
    });
    return isWatched ? [] : ["calls on charts leave no record in CloudTrail"];
  },
};
