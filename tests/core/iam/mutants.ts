import type { PolicyDocument, Statement } from "../../../core/iam/index.ts";
import { matchTokens, parseTemplate } from "../../../core/iam/template.ts";
import { letterOf, type Layer } from "./matrix.ts";

/** One small fault in a document, of a kind that a careless edit makes. */
export interface Mutant {
  /** `role/tenant-request DenyNever drop action sts:*` */
  readonly id: string;
  readonly document: PolicyDocument;
  /** The statement before and after. */
  readonly statements: readonly Statement[];
}

type Element = "Action" | "Resource" | "NotResource";
const listed = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

const SWAPS: readonly (readonly [from: RegExp, to: string])[] = [
  [/^ForAllValues:/, "ForAnyValue:"],
  [/^ForAnyValue:/, "ForAllValues:"],
  [/^StringEquals$/, "StringNotEquals"],
  [/^StringNotEquals$/, "StringEquals"],
  [/^ArnNotEquals$/, "ArnEquals"],
  [/IfExists$/, ""],
];

/** Every mutant of one statement, as the statement that replaces it; undefined for one that is left out. */
function faultsOf(statement: Statement): readonly (readonly [fault: string, replacement: Statement | undefined])[] {
  const faults: [string, Statement | undefined][] = [["drop statement", undefined]];
  const flipped = statement.Effect === "Allow" ? "Deny" : "Allow";
  faults.push(["flip effect", { ...statement, Effect: flipped }]);
  for (const element of ["Action", "Resource", "NotResource"] as const satisfies readonly Element[]) {
    const values = listed(statement[element]);
    if (values.length > 1) {
      for (const value of values) {
        faults.push([
          `drop ${element} ${value}`,
          { ...statement, [element]: values.filter((other) => other !== value) },
        ]);
      }
    }
    if (statement.Effect === "Allow" && values.length > 0 && !values.includes("*")) {
      faults.push([`widen ${element}`, { ...statement, [element]: "*" }]);
    }
    for (const value of values) {
      // The parent of a resource: `table/x/index/gsi1` to `table/x/*`, `bucket/v1/events/*` to `bucket/v1/*`.
      const parent = value.replace(/\/[^/*]+(\/\*|\*)?$/, "/*");
      if (statement.Effect === "Allow" && element === "Resource" && parent !== value && parent.startsWith("arn:")) {
        faults.push([
          `widen to ${parent}`,
          { ...statement, Resource: values.map((each) => (each === value ? parent : each)) },
        ]);
      }
    }
  }
  faults.push(...principalFaults(statement), ...conditionFaults(statement));
  return faults;
}

function principalFaults(statement: Statement): readonly [string, Statement][] {
  const { Principal } = statement;
  if (statement.Effect === "Deny") {
    return Principal === "*" ? [["narrow Principal", { ...statement, Principal: { AWS: "111122223333" } }]] : [];
  }
  if (Principal === undefined || Principal === "*") return [];
  const names = listed(Principal["AWS"]);
  return [
    ["widen Principal", { ...statement, Principal: "*" }],
    ...(names.every((name) => name.endsWith(":root")) && names.length > 0
      ? []
      : [["Principal to account", { ...statement, Principal: { AWS: "111122223333" } }] as [string, Statement]]),
    ...(names.length > 1
      ? names.map((name): [string, Statement] => [
          `drop Principal ${name}`,
          { ...statement, Principal: { AWS: names.filter((other) => other !== name) } },
        ])
      : []),
  ];
}

function conditionFaults(statement: Statement): readonly [string, Statement][] {
  const condition = statement.Condition ?? {};
  const faults: [string, Statement][] = [];
  const change = (
    fault: string,
    operator: string,
    keys: Readonly<Record<string, string | readonly string[]>>,
    as = operator,
  ): void => {
    const { [operator]: _changed, ...rest } = condition;
    const isEmpty = Object.keys(keys).length === 0;
    faults.push([`${fault}`, { ...statement, Condition: isEmpty ? rest : { ...rest, [as]: keys } }]);
  };
  if (Object.keys(condition).length > 0) {
    const { Condition: _condition, ...bare } = statement;
    faults.push(["drop Condition", bare]);
  }
  for (const [operator, keys] of Object.entries(condition)) {
    for (const [key, wanted] of Object.entries(keys)) {
      const { [key]: _dropped, ...others } = keys;
      const values = listed(wanted);
      change(`drop ${operator} ${key}`, operator, others);
      if (values.length > 1) {
        for (const value of values) {
          change(`drop ${operator} ${key} ${value}`, operator, {
            ...keys,
            [key]: values.filter((other) => other !== value),
          });
        }
      }
      for (const value of values) {
        const loose = value.replace(/#\*$/, "*");
        if (loose !== value) {
          change(`loosen ${value}`, operator, {
            ...keys,
            [key]: values.map((each) => (each === value ? loose : each)),
          });
        }
      }
      if (operator === "Null")
        change(`flip Null ${key}`, operator, { ...keys, [key]: wanted === "true" ? "false" : "true" });
    }
    for (const [from, to] of SWAPS) {
      if (from.test(operator))
        change(`${operator} to ${operator.replace(from, to)}`, operator, keys, operator.replace(from, to));
    }
  }
  return faults;
}

export function mutantsOf(layer: Layer): readonly Mutant[] {
  const { Statement: statements } = layer.document;
  return statements.flatMap((statement, index) =>
    faultsOf(statement).map(([fault, replacement]): Mutant => {
      const after = replacement === undefined ? [] : [replacement];
      const others = [...statements];
      others.splice(index, 1, ...after);
      return {
        id: `${layer.name} ${statement.Sid ?? `#${index}`} ${fault}`,
        document: { Version: "2012-10-17", Statement: others },
        statements: [statement, ...after],
      };
    }),
  );
}

/** A layer with its decisions, one letter per request, and where to find the requests about a resource. */
export interface Judged {
  readonly layer: Layer;
  readonly letters: string;
  readonly byTarget: ReadonlyMap<string, { readonly action: string; readonly resource: string; readonly at: number[] }>;
}

export function judgeAll(layer: Layer): Judged {
  const byTarget = new Map<string, { action: string; resource: string; at: number[] }>();
  let letters = "";
  for (const [index, request] of layer.requests.entries()) {
    const { action, resource } = request;
    letters += letterOf(layer.judge(layer.document, request));
    const target = byTarget.get(`${action} ${resource}`) ?? { action: action.toLowerCase(), resource, at: [] };
    target.at.push(index);
    byTarget.set(`${action} ${resource}`, target);
  }
  return { layer, letters, byTarget };
}

const wildcard = (value: string): ReturnType<typeof parseTemplate> =>
  parseTemplate(value.replaceAll(/\$\{[^}]*\}/g, "*"), { wildcards: true });

/** Whether a statement could apply to an action and resource, whatever its condition; a variable counts as a wildcard. */
function reach(statement: Statement): (action: string, resource: string) => boolean {
  const actions = listed(statement.Action).map((value) => wildcard(value.toLowerCase()).tokens);
  const resources = listed(statement.Resource ?? "*").map((value) => wildcard(value).tokens);
  return (action, resource) =>
    actions.some((tokens) => matchTokens(tokens, action)) && resources.some((tokens) => matchTokens(tokens, resource));
}

/**
 * Whether any request of the layer is decided otherwise by the mutant. Only requests that the statement could apply to,
 * before or after, are asked again: nothing else in the document has changed.
 */
export function isKilled({ layer, letters, byTarget }: Judged, mutant: Mutant): boolean {
  const reaches = mutant.statements.map(reach);
  for (const { action, resource, at } of byTarget.values()) {
    if (!reaches.some((each) => each(action, resource))) continue;
    for (const index of at) {
      const request = layer.requests[index];
      if (request !== undefined && letterOf(layer.judge(mutant.document, request)) !== letters[index]) return true;
    }
  }
  return false;
}
