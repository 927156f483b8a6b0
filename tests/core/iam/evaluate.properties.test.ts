import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  evaluate,
  type AccessContext,
  type AccessRequest,
  type PolicyDocument,
  type PolicySet,
  type Statement,
} from "../../../core/iam/index.ts";
import { matchTokens, parseTemplate } from "../../../core/iam/template.ts";
import { principals } from "./stage.ts";

const actions = ["s3:GetObject", "s3:PutObject", "kms:Decrypt", "dynamodb:GetItem"] as const;
const resources = ["arn:aws:s3:::b/x", "arn:aws:s3:::b/y", "arn:aws:s3:::c/x"] as const;
const keys = ["x:tag", "x:list", "x:other"] as const;
const words = ["a", "b", "ab", ""] as const;

const context: fc.Arbitrary<AccessContext> = fc.dictionary(
  fc.constantFrom(...keys),
  fc.oneof(fc.constantFrom(...words), fc.array(fc.constantFrom(...words), { maxLength: 2 })),
);
const operator = fc.constantFrom(
  "StringEquals",
  "StringNotEquals",
  "StringLike",
  "StringEqualsIfExists",
  "ForAllValues:StringEquals",
  "ForAnyValue:StringLike",
  "ForAnyValue:StringNotEquals",
  "StringMatches",
);
const condition = fc.dictionary(
  operator,
  fc.dictionary(fc.constantFrom(...keys), fc.array(fc.constantFrom("a", "a*", "b", "${x:tag}"), { maxLength: 2 })),
  { maxKeys: 2 },
);
const body = fc.record({
  Action: fc.subarray([...actions, "s3:*", "*"], { minLength: 1 }),
  Resource: fc.subarray([...resources, "arn:aws:s3:::b/*", "*"], { minLength: 1 }),
  Condition: condition,
});
const statement: fc.Arbitrary<Statement> = fc
  .record({ effect: fc.constantFrom("Allow" as const, "Deny" as const), body })
  .map(({ effect, body: rest }) => ({ Effect: effect, ...rest }));
const policy: fc.Arbitrary<PolicyDocument> = fc
  .array(statement, { maxLength: 3 })
  .map((Statement) => ({ Version: "2012-10-17", Statement }));
const named: fc.Arbitrary<PolicyDocument> = fc
  .array(
    fc
      .record({
        statement,
        Principal: fc.constantFrom<NonNullable<Statement["Principal"]>>(
          "*",
          { AWS: principals.admin.roleArn },
          { AWS: principals.admin.arn },
          { AWS: "111122223333" },
          { Service: "lambda.amazonaws.com" },
        ),
      })
      .map(({ statement: each, Principal }) => ({ ...each, Principal })),
    { maxLength: 3 },
  )
  .map((Statement) => ({ Version: "2012-10-17", Statement }));
const request: fc.Arbitrary<AccessRequest> = fc.record({
  principal: fc.constantFrom(principals.admin, principals.operator, principals.lambda),
  action: fc.constantFrom(...actions),
  resource: fc.constantFrom(...resources),
  context,
});
const policies: fc.Arbitrary<PolicySet> = fc.record(
  {
    identity: fc.array(policy, { maxLength: 2 }),
    session: fc.array(policy, { maxLength: 2 }),
    boundary: policy,
    resource: named,
    resourceMandatory: fc.boolean(),
  },
  { requiredKeys: ["identity"] },
);

const withStatement = (document: PolicyDocument | undefined, more: Statement): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [...(document?.Statement ?? []), more],
});
const runs = { numRuns: 2000 };

describe("evaluate", () => {
  it("allows nothing more when a Deny is added to any layer", () => {
    fc.assert(
      fc.property(request, policies, body, (asked, set, extra) => {
        const before = evaluate(asked, set).allowed;
        const more: Statement = { Effect: "Deny", ...extra };
        const widened: PolicySet[] = [
          { ...set, identity: [...set.identity, withStatement(undefined, more)] },
          ...(set.session === undefined ? [] : [{ ...set, session: [...set.session, withStatement(undefined, more)] }]),
          ...(set.boundary === undefined ? [] : [{ ...set, boundary: withStatement(set.boundary, more) }]),
          { ...set, resource: withStatement(set.resource, { ...more, Principal: "*" }) },
        ];
        for (const each of widened) expect(!evaluate(asked, each).allowed || before).toBe(true);
      }),
      runs,
    );
  });

  it("allows nothing more when a session policy is passed, whatever it says", () => {
    fc.assert(
      fc.property(request, policies, policy, (asked, { session: _none, ...set }, session) => {
        expect(!evaluate(asked, { ...set, session: [session] }).allowed || evaluate(asked, set).allowed).toBe(true);
      }),
      runs,
    );
  });

  it("allows nothing more when a boundary is set, whatever it says", () => {
    fc.assert(
      fc.property(request, policies, policy, (asked, { boundary: _none, ...set }, boundary) => {
        expect(!evaluate(asked, { ...set, boundary }).allowed || evaluate(asked, set).allowed).toBe(true);
      }),
      runs,
    );
  });

  it("allows nothing without an Allow", () => {
    fc.assert(
      fc.property(request, policies, (asked, set) => {
        const deniesOf = (document: PolicyDocument): PolicyDocument => ({
          ...document,
          Statement: document.Statement.filter(({ Effect }) => Effect === "Deny"),
        });
        const bare: PolicySet = {
          identity: set.identity.map(deniesOf),
          ...(set.resource && { resource: deniesOf(set.resource) }),
        };
        expect(evaluate(asked, bare).allowed).toBe(false);
      }),
      runs,
    );
  });

  it("does not care in which order statements stand", () => {
    fc.assert(
      fc.property(request, policies, (asked, set) => {
        const turned = (document: PolicyDocument): PolicyDocument => ({
          ...document,
          Statement: [...document.Statement].reverse(),
        });
        const other: PolicySet = {
          ...set,
          identity: set.identity.map(turned).reverse(),
          ...(set.resource && { resource: turned(set.resource) }),
        };
        expect(evaluate(asked, other).reason).toBe(evaluate(asked, set).reason);
      }),
      runs,
    );
  });

  it("does not care for the letter case of actions and condition key names", () => {
    fc.assert(
      fc.property(request, policies, (asked, set) => {
        const shouted = Object.fromEntries(
          Object.entries(asked.context).map(([key, value]) => [key.toUpperCase(), value]),
        );
        const other = { ...asked, action: asked.action.toUpperCase(), context: shouted };
        expect(evaluate(other, set)).toEqual(evaluate(asked, set));
      }),
      runs,
    );
  });
});

describe("the wildcard matcher", () => {
  it("agrees with a regular expression made of the same pattern", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "#", "."), maxLength: 12 });
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "#", ".", "*", "?"), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (wanted, value) => {
        const expression = wanted.replaceAll(".", "\\.").replaceAll("*", ".*").replaceAll("?", ".");
        const { tokens } = parseTemplate(wanted, { wildcards: true });
        expect(matchTokens(tokens, value)).toBe(new RegExp(`^${expression}$`).test(value));
      }),
      { numRuns: 20_000 },
    );
  });

  it("stays fast on a pattern made to be slow", () => {
    const { tokens } = parseTemplate(`${"*a".repeat(40)}b`, { wildcards: true });
    expect(matchTokens(tokens, "a".repeat(20_000))).toBe(false);
  });
});
