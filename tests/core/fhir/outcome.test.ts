import { describe, expect, it } from "vitest";
import {
  capabilityStatement,
  isResourceType,
  jsonIssue,
  operationOutcome,
  parseJson,
  plainOutcome,
  RESOURCE_TYPES,
  RULE_SYSTEM,
  validateResource,
} from "../../../core/fhir/index.ts";
import { seed } from "./fixtures.ts";

describe("operationOutcome", () => {
  it("says where, which rule, and the rule in words", () => {
    const result = validateResource({ ...seed("Patient"), gender: "Canary", contact: [{ gender: "male" }] });
    const outcome = operationOutcome(result.ok ? [] : result.error.issues);
    expect(outcome).toEqual({
      resourceType: "OperationOutcome",
      issue: [
        {
          severity: "error",
          code: "code-invalid",
          details: {
            coding: [{ system: RULE_SYSTEM, code: "binding" }],
            text: "The code is not in the required value set",
          },
          expression: ["Patient.gender"],
        },
      ],
    });
  });

  it("uses FHIR's own words for FHIR's constraints", () => {
    const result = validateResource({ ...seed("Patient"), contact: [{ gender: "male" }] });
    const [issue] = operationOutcome(result.ok ? [] : result.error.issues).issue;
    expect(issue).toMatchObject({
      code: "invariant",
      expression: ["Patient.contact[0]"],
      details: { text: "SHALL at least contain a contact's details or a reference to an organization" },
    });
  });

  it("tells of a body that is not JSON", () => {
    const parsed = parseJson(`{"a":1,"a":2}`);
    expect(operationOutcome(parsed.ok ? [] : [jsonIssue(parsed.error)]).issue).toMatchObject([
      { code: "structure", details: { coding: [{ code: "json-duplicate-key" }] } },
    ]);
  });

  it("carries what is about no element", () => {
    expect(plainOutcome("not-found", "No such record")).toEqual({
      resourceType: "OperationOutcome",
      issue: [{ severity: "error", code: "not-found", details: { text: "No such record" } }],
    });
  });
});

describe("capabilityStatement", () => {
  interface Rest {
    readonly resource: readonly {
      readonly type: string;
      readonly interaction: readonly { readonly code: string }[];
      readonly searchParam: readonly { readonly name: string }[];
    }[];
    readonly interaction: readonly { readonly code: string }[];
  }
  const rest = (without: readonly ("delete" | "batch")[] = []): Rest => {
    const {
      rest: [server],
    } = capabilityStatement({
      url: "https://clinic.example/fhir",
      version: "0.1.0",
      date: "2025-11-22",
      without,
    }) as unknown as { rest: [Rest] };
    return server;
  };

  it("names every supported type and parameter", () => {
    const { resource } = rest();
    expect(resource.map(({ type }) => type)).toEqual([...RESOURCE_TYPES]);
    expect(resource.every(({ type }) => isResourceType(type))).toBe(true);
    expect(resource.find(({ type }) => type === "Patient")?.searchParam.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["birthdate", "name", "race", "_id", "_lastUpdated"]),
    );
  });

  it("leaves out what a stage does not offer", () => {
    expect(rest().resource[0]?.interaction).toContainEqual({ code: "delete" });
    expect(rest(["delete", "batch"]).resource[0]?.interaction).not.toContainEqual({ code: "delete" });
    expect(rest(["delete", "batch"]).interaction).toEqual([{ code: "transaction" }]);
  });
});
