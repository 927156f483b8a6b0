import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { routeNames, routes, StandingPurpose } from "../../../core/contract/index.ts";
import { abilitiesOf } from "../../../core/policy/abilities.ts";
import type { TenantId, UserId } from "../../../core/kernel/ids.ts";
import { createEngine } from "../../../core/policy/engine.ts";
import { conditionsOf } from "../../../core/policy/review/conditions.ts";
import { matrixCsv, matrixMarkdown } from "../../../core/policy/review/document.ts";
import { markAt, matrixOf, type Row, situationsOf } from "../../../core/policy/review/matrix.ts";
import { rulesOf, sliceOf } from "../../../core/policy/review/rules.ts";
import { ROLES, spaceOf } from "../../../core/policy/review/space.ts";
import { currentPolicies } from "../../../core/policy/version.ts";

const root = path.resolve(import.meta.dirname, "../../..");

const MEMBER = {
  kind: "user",
  userId: "01hxyzabcd0123456789abcdeh" as UserId,
  tenantId: "01hxyzabcd0123456789abcdef" as TenantId,
  assurance: "aal2",
  sessionId: "s",
  clientId: "portal",
} as const;
let rows: readonly Row[] = [];
beforeAll(() => {
  rows = matrixOf(currentPolicies);
}, 600_000);

/** What a route asks of policy. A bundle asks for each of its entries. */
const actionsOf = (name: (typeof routeNames)[number]): readonly string[] => {
  const { action } = routes[name];
  if (action === null) return [];
  return action === "bundle" ? ["read", "search", "create", "update", "delete"] : [action];
};
const KIND_OF_ZONE: Readonly<Record<string, Row["kind"]>> = {
  fhir: "records",
  clinic: "clinic",
  admin: "clinic",
  patient: "clinic",
  platform: "platform",
  finance: "platform",
};
const CLINIC_ZONES: ReadonlySet<string> = new Set(["clinic", "admin", "patient"]);

/** Every route with every role, class, purpose and situation: refusals first. */
function golden(): string {
  const lines: string[] = [];
  for (const kind of ["records", "clinic", "platform"] as const) {
    lines.push(`# ${kind}: the situations of a row, in order`);
    lines.push(...situationsOf(kind).map(({ name }, at) => `#   ${at + 1} ${name}`));
  }
  lines.push("# Y permitted, L refused by a legal hold alone, . refused, - no such situation for the role");
  for (const name of routeNames) {
    const actions = actionsOf(name);
    if (actions.length === 0) continue;
    const kind = KIND_OF_ZONE[routes[name].zone];
    const own = rows.filter((row) => row.kind === kind && actions.includes(row.action));
    lines.push("", `${routes[name].method} ${routes[name].path} (${name})`);
    const refused = ROLES.filter((role) => !own.some((row) => row.role === role));
    lines.push(`  refused for every class and purpose, in every situation: ${refused.join(" ") || "nobody"}`);
    for (const { role, action, class: recordClass, type, purpose, marks } of own)
      lines.push(
        `  ${[role, action, recordClass, type, purpose, marks].filter((part) => part !== undefined).join(" ")}`,
      );
  }
  return `${lines.join("\n")}\n`;
}

describe("the matrix", () => {
  it("POL-11 AT-23 every route with every role, class, purpose and situation is as it was reviewed", async () => {
    await expect(golden()).toMatchFileSnapshot("matrix.golden.txt");
  });

  it("UIX-2 what a page is told that a role could ever do is what the matrix permits in any situation", () => {
    const people = ROLES.filter(
      (role) => !["integration", "assistant", "referral-partner", "platform-operator"].includes(role),
    );
    const clinicActions = new Set(
      routeNames.flatMap((name) => (CLINIC_ZONES.has(routes[name].zone) ? actionsOf(name) : [])),
    );
    const representatives = new Set(rows.map(({ type }) => type));
    for (const role of people) {
      for (const isPrivacyOfficer of role === "billing" ? [false, true] : [false]) {
        const principal = { ...MEMBER, roles: [role], ...(role === "patient" ? { patientId: "own" } : {}) };
        for (const purpose of StandingPurpose.options) {
          const permitted = rows
            .filter((row) => row.role === role && row.purpose === purpose && row.kind !== "platform")
            .filter((row) =>
              situationsOf(row.kind).some(
                ({ officer, patient }, at) =>
                  row.marks[at] === "Y" &&
                  (isPrivacyOfficer || officer !== true) &&
                  (role === "patient" || patient !== "own"),
              ),
            )
            .filter(({ kind, action }) =>
              kind === "clinic" ? clinicActions.has(action) : ["read", "create", "update"].includes(action),
            )
            .map(({ kind, type, action }) => (kind === "clinic" ? action : `${type}.${action}`));
          const told = abilitiesOf({ principal, isPrivacyOfficer }, purpose).filter(
            (ability) => !/^[A-Z]/.test(ability) || representatives.has(ability.split(".")[0]),
          );
          expect([role, isPrivacyOfficer, purpose, told.toSorted()]).toEqual([
            role,
            isPrivacyOfficer,
            purpose,
            [...new Set(permitted)].toSorted(),
          ]);
        }
      }
    }
  });

  it("POL-11 every route that asks policy asks what the schema knows", () => {
    const known = spaceOf([currentPolicies]).actions;
    const unknown = routeNames.filter((name) => {
      const kind = KIND_OF_ZONE[routes[name].zone];
      return actionsOf(name).some((action) => kind === undefined || !known[kind].includes(action));
    });
    expect(unknown).toEqual([]);
  });

  it("POL-10 the document for auditors is what the policies say", () => {
    const file = path.join(root, "core/policy/matrix.md");
    // Written anew by: npm run keyward -- policy docs > core/policy/matrix.md
    expect(readFileSync(file, "utf8").trimEnd()).toBe(matrixMarkdown(rows, currentPolicies.version).trimEnd());
  });

  it("the conditions in words say how one gets in and what stands in the way", () => {
    const of = (role: string, action: string, recordClass: string, purpose: string): readonly string[] => {
      const row = rows.find(
        (each) =>
          each.role === role && each.action === action && each.class === recordClass && each.purpose === purpose,
      );
      return row === undefined ? ["never"] : conditionsOf(row);
    };
    expect(of("billing", "read", "C", "HPAYMT")).toEqual(["never"]);
    expect(of("nurse", "read", "S", "TREAT")).toEqual([
      "the patient's consent permits it, unless the clinic asks for a treatment relationship and there is none, or the chart is under a hold that restricts it",
    ]);
    expect(of("assistant", "read", "C", "TREAT")[0]).toMatch(/^a delegation for this purpose, unless/);
    expect(of("physician", "read", "C", "ETREAT")[0]).toMatch(/^an active break-glass for the patient/);
    expect(of("patient", "read", "S", "PATRQT")[0]).toMatch(/^the member's own record/);
  });

  it("the same as a table for a spreadsheet", () => {
    const lines = matrixCsv(rows).trimEnd().split("\n");
    expect(lines).toHaveLength(rows.length + 1);
    expect(lines[0]).toBe("role,action,class,type,purpose,conditions");
    expect(lines).toContain("platform-operator,key.list,,,HOPERAT,");
  });

  it("what is left out of the questions is refused by the whole set, too", () => {
    const engine = createEngine(currentPolicies);
    const left = ROLES.flatMap((role) =>
      ["read", "create", "delete", "export"].flatMap((action) =>
        (["TREAT", "HOPERAT", "PATRQT", "HRESCH"] as const).map((purpose) => ({ role, action, purpose })),
      ),
    ).filter(({ role, action, purpose }) =>
      rows.every((row) => row.role !== role || row.action !== action || row.purpose !== purpose),
    );
    expect(left.length).toBeGreaterThan(100);
    for (const { role, action, purpose } of left) {
      for (const patient of ["own", "other"] as const) {
        for (const consent of ["permit", "deny"] as const) {
          const verdict = engine?.decide({
            roles: [role],
            assurance: role === "integration" ? "client" : "aal2",
            action,
            purpose,
            resource: { kind: "records", isForeign: false, class: "C", type: "Observation", patient },
            circumstance: {
              scoped: true,
              steppedUp: true,
              officer: true,
              consent,
              relationship: "present",
              hold: "none",
              emergency: true,
            },
          });
          expect([role, action, purpose, verdict?.allowed]).toEqual([role, action, purpose, false]);
        }
      }
    }
  });

  it("a part of the set holds every rule without a role of its own", () => {
    const rules = rulesOf(currentPolicies);
    const slice = sliceOf(currentPolicies, rules, { kind: "records", roles: ["nurse"] });
    const ids = Object.keys(slice.policies);
    expect(ids).toEqual(expect.arrayContaining(["boundary-assurance", "consent-denied", "hold-frozen", "nurse-chart"]));
    expect(ids).not.toContain("physician-chart");
    expect(ids).not.toContain("nurse-view");
    // Of an action: less, and still all that could match it.
    const of = (action: string): string[] =>
      Object.keys(sliceOf(currentPolicies, rules, { kind: "records", roles: ["nurse"], action }).policies);
    const matching = (action: string) =>
      rules.filter(({ id, actions }) => ids.includes(id) && (actions === undefined || actions.includes(action)));
    for (const action of ["read", "export"]) {
      expect(of(action)).toEqual(
        matching(action)
          .map(({ id }) => id)
          .toSorted(),
      );
      expect(of(action).length).toBeLessThan(ids.length);
      expect(of(action)).toContain("boundary-assurance");
    }
  });

  it("a type that a rule names alone is asked apart", () => {
    const { types } = spaceOf([currentPolicies]);
    const named = ["DocumentReference", "Task", "QuestionnaireResponse"];
    expect(types).toEqual({
      C: ["Observation", ...named],
      S: ["Observation", ...named],
      B: ["Claim", "Task"],
      D: ["Patient", "Practitioner", "DocumentReference", "Appointment", "Task"],
    });
    const text = currentPolicies.policies["administrator-directory"]?.replace('"Endpoint"', '"Invoice"') ?? "";
    const changed = { ...currentPolicies, policies: { ...currentPolicies.policies, "administrator-directory": text } };
    const both = spaceOf([currentPolicies, changed]).types;
    expect(both.B).toContain("Invoice");
    expect(both.D).toContain("Endpoint");
  });
});

/** Files of ours that a module reaches, itself included. */
function reached(entry: string): string[] {
  const seen = new Set<string>();
  const open = [entry];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const imports = readFileSync(path.join(root, file), "utf8").matchAll(/from "(\.[^"]+)"/g);
    for (const [, specifier = ""] of imports) open.push(path.posix.join(path.posix.dirname(file), specifier));
  }
  return [...seen];
}

/** Reads of anything that is not an argument: environment, files, clock, chance. */
const OUTSIDE = /process\b|import\.meta|globalThis|node:fs|node:os|Date\.now|new Date\(\)|Math\.random|\bfetch\(/;
const readsOutside = (text: string): boolean =>
  OUTSIDE.test(text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "").replaceAll(/"(?:[^"\\]|\\.)*"/g, '""'));

/** Everything in the house that looks like a switch: variables of the environment that any of our code names. */
const switches = (): string[] => {
  const files = globSync("{core,functions,scripts}/**/*.ts", { cwd: root });
  const named = files.flatMap((file) => [
    ...readFileSync(path.join(root, file), "utf8").matchAll(
      /process\.env\["?([A-Z][A-Z0-9_]+)|^ {2}"([A-Z][A-Z0-9_]{3,})",$/gm,
    ),
  ]);
  const invented = [
    "FEATURE_ALL",
    "FEATURE_FLAGS",
    "POLICY_BYPASS",
    "DISABLE_AUTH",
    "CONSENT_OFF",
    "NODE_ENV",
    "DEBUG",
  ];
  return [...new Set([...named.map(([, left = "", right = ""]) => left || right), ...invented])].filter(
    (name) => !/^(PATH|HOME|NODE_OPTIONS)$/.test(name),
  );
};

const PART = `
  import { createHash } from "node:crypto";
  const { matrixOf } = await import(process.argv[1] + "/core/policy/review/matrix.ts");
  const { spaceOf } = await import(process.argv[1] + "/core/policy/review/space.ts");
  const { currentPolicies } = await import(process.argv[1] + "/core/policy/version.ts");
  const space = { ...spaceOf([currentPolicies]), roles: ["billing", "auditor"] };
  process.stdout.write(createHash("sha256").update(JSON.stringify(matrixOf(currentPolicies, space))).digest("hex"));
`;

describe("POL-13 no flag grants access", () => {
  const real = process.env;
  afterEach(() => {
    process.env = real;
  });

  it("POL-13 the code that decides, and all that it imports, reads nothing but its arguments", () => {
    const files = reached("core/policy/index.ts");
    expect(files).toEqual(expect.arrayContaining(["core/policy/engine.ts", "core/policy/policies.generated.ts"]));
    expect(files.filter((file) => readsOutside(readFileSync(path.join(root, file), "utf8")))).toEqual([]);
  });

  it("POL-13 a planted read is found", () => {
    for (const planted of [
      'if (process.env["BYPASS"]) return true;',
      "const { env } = process;",
      'import { readFileSync } from "node:fs";'.replaceAll('"', ""),
      "globalThis.flags",
    ])
      expect(readsOutside(planted)).toBe(true);
    expect(readsOutside('// process.env\nconst text = "process";')).toBe(false);
  });

  it("POL-13 deciding reads no variable of the environment", () => {
    const reads: (string | symbol)[] = [];
    process.env = new Proxy({} as NodeJS.ProcessEnv, {
      get(_target, name) {
        reads.push(name);
        return "true";
      },
      has: () => true,
    });
    const space = { ...spaceOf([currentPolicies]), roles: ["billing", "auditor"] };
    const before = rows.filter(({ role }) => space.roles.includes(role));
    const flipped = matrixOf(currentPolicies, space);
    process.env = real;
    expect(reads).toEqual([]);
    expect(flipped).toEqual(before);
  }, 300_000);

  it("POL-13 every switch of the house thrown from the start: the same matrix", () => {
    const names = switches();
    expect(names.length).toBeGreaterThan(20);
    const of = (env: NodeJS.ProcessEnv): string =>
      execFileSync(process.execPath, ["--input-type=module", "-e", PART, root], {
        env: { PATH: real["PATH"], ...env },
        encoding: "utf8",
      });
    const part = rows.filter(({ role }) => ["billing", "auditor"].includes(role));
    const expected = createHash("sha256").update(JSON.stringify(part)).digest("hex");
    for (const value of ["true", "0"])
      expect(of(Object.fromEntries(names.map((name) => [name, value])))).toBe(expected);
  }, 300_000);

  it("POL-13 the matrix of the test is not empty where it matters", () => {
    const read = rows.find((row) => row.role === "billing" && row.action === "read" && row.class === "B");
    expect(read === undefined ? "" : markAt(read, "plain")).toBe("Y");
    expect(read === undefined ? "" : markAt(read, "plain-deny")).toBe(".");
  });
});
