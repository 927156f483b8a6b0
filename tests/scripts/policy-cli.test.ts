import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AuditEvent, CHAIN_START, chainHash, encodeEvent } from "../../core/audit/event.ts";
import { batchKey, dayOf, policyKey } from "../../core/audit/layout.ts";
import { newId } from "../../core/kernel/ids.ts";
import { authorize, type Decision, NEUTRAL, policyVersion } from "../../core/policy/index.ts";
import { answerOf } from "../../core/policy/answer.ts";
import { decisionOf } from "../../core/policy/decision.ts";
import { engineOf } from "../../core/policy/engine.ts";
import { registerPolicy } from "../../scripts/cli/commands/policy.ts";
import { createOutput } from "../../scripts/cli/output.ts";
import { demand, member } from "../core/policy/members.ts";
import { changedRule } from "../core/policy/changed.ts";

const AT = Date.UTC(2026, 10, 22, 8);
const TENANT = newId(AT);
const PATIENT = newId(AT);
const ours = path.resolve(import.meta.dirname, "../../core/policy");

let folder = "";
let events: AuditEvent[] = [];

const nurse = member("nurse", { purpose: "TREAT" });
function decided(action: "read" | "update", recordClass: "C" | "B"): { decision: Decision; isPermitted: boolean } {
  const asked = authorize(nurse, [demand(action, recordClass, PATIENT)], { circumstances: NEUTRAL });
  const decision = asked.ok ? asked.value.decision : "decision" in asked.error ? asked.error.decision : undefined;
  if (decision === undefined) throw new Error("a request with a purpose is decided");
  return { decision, isPermitted: asked.ok };
}

function eventOf(
  seq: number,
  prev: string,
  { id, policyVersion: version, ruleIds, inputs }: Decision,
  isPermitted: boolean,
): AuditEvent {
  return {
    v: 1,
    id: newId(AT + seq),
    tenant: TENANT,
    at: AT + seq,
    action: "R",
    interaction: "read",
    outcome: isPermitted ? "success" : "denied",
    service: "fhir",
    actor: { user: nurse.userId, kind: "user", roles: ["nurse"], client: "portal", session: "s" },
    purpose: "TREAT",
    patient: PATIENT,
    entities: [{ type: "Observation", id: `${PATIENT}.${newId(AT)}`, version: 1 }],
    classes: ["C"],
    request: `request-${seq}`,
    decision: { id, version, rules: [...ruleIds], inputs: { ...inputs } },
    consent: { state: "not-required", ids: [] },
    writer: { id: newId(AT), seq, prev },
  };
}

function write(key: string, text: string): void {
  const file = path.join(folder, "archive", key);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "keyward-policy-"));
  const older = changedRule("nurse-chart", ', Keyward::Action::"update"');
  const { inputs } = decided("update", "C").decision;
  const engine = engineOf(older);
  if (engine === undefined) throw new Error("the older policies parse");
  const decisions = [decided("read", "C"), decided("read", "B"), decided("update", "C")];
  decisions.push({ decision: decisionOf(older.version, inputs, answerOf(inputs, engine)), isPermitted: false });
  let prev = CHAIN_START;
  events = decisions.map(({ decision, isPermitted }, at) => {
    const event = eventOf(at + 1, prev, decision, isPermitted);
    prev = chainHash(encodeEvent(event));
    return event;
  });
  const text = events.map((event) => `${encodeEvent(event)}\n`).join("");
  write(batchKey(TENANT, dayOf(AT), events[0]?.id ?? "", text), text);
  // A batch that was cut again holds events a second time.
  const again = `${encodeEvent(events[0] ?? fail())}\n`;
  write(batchKey(TENANT, dayOf(AT), events[0]?.id ?? "", again), again);
  write(policyKey(older.version), older.text);
});
afterAll(() => rmSync(folder, { recursive: true }));

function fail(): never {
  throw new Error("the trail of the test has events");
}

/** What a command prints, and the exit code that it leaves. */
async function run(...args: readonly string[]): Promise<{ readonly text: string; readonly code: number }> {
  const program = new Command("keyward").option("--json").exitOverride();
  registerPolicy(program, {
    ...createOutput(() => program.opts<{ json?: boolean }>().json === true),
    print: (value, text) => {
      printed.push(program.opts<{ json?: boolean }>().json === true ? JSON.stringify(value) : text);
    },
  });
  const printed: string[] = [];
  process.exitCode = 0;
  await program.parseAsync(["node", "keyward", ...args]);
  const code = process.exitCode;
  process.exitCode = 0;
  return { text: printed.join("\n"), code };
}
const archive = () => ["--archive", path.join(folder, "archive")];

describe("keyward policy", () => {
  it("PROOF-7 replay: every decision of the archive again, older policies from the archive itself", async () => {
    const { text, code } = await run("policy", "replay", ...archive());
    expect(text).toBe("4 decisions: 4 the same, 0 different; 0 events without one");
    expect(code).toBe(0);
  });

  it("PROOF-7 replay with other policies: what would flip, by role, action, class and patients", async () => {
    const other = path.join(folder, "other");
    cpSync(path.join(ours, "policies"), path.join(other, "policies"), { recursive: true });
    cpSync(path.join(ours, "schema.cedarschema"), path.join(other, "schema.cedarschema"));
    const file = path.join(other, "policies/clinical.cedar");
    const nurseRule = /@id\("nurse-chart"\)[\s\S]*?;\n/;
    writeFileSync(file, readFileSync(file, "utf8").replace(nurseRule, ""));
    const { text } = await run("--json", "policy", "replay", ...archive(), "--policies", other);
    expect(JSON.parse(text)).toMatchObject({
      equal: 4,
      flips: [
        { roles: "nurse", action: "read", class: "C", from: "permit", to: "refuse", decisions: 1, patients: 1 },
        { roles: "nurse", action: "update", class: "C", from: "permit", to: "refuse", decisions: 1, patients: 1 },
      ],
    });
  });

  it("PROOF-7 a changed event leaves its name and the exit code for findings", async () => {
    const changed = { ...(events[1] ?? fail()), id: newId(AT + 99), outcome: "success" as const };
    const text = `${encodeEvent(changed)}\n`;
    const key = batchKey(TENANT, "2026-11-23", changed.id, text);
    write(key, text);
    const told = await run("policy", "replay", ...archive(), "--since", "2026-11-23");
    expect(told.text).toContain(`DIFF ${changed.id}  served`);
    expect(told.code).toBe(5);
    rmSync(path.join(folder, "archive", key));
  });

  it("POL-4 explain: who, what, inputs, rules in Cedar's words, and the same answer again", async () => {
    const [first = fail()] = events;
    const { text } = await run("policy", "explain", first.id, ...archive());
    expect(text).toContain(`user ${nurse.userId} as nurse`);
    expect(text).toContain('@id("nurse-chart")');
    expect(text).toContain(policyVersion);
    expect(text).toContain("Decided again: permit, as recorded.");
    const byRequest = await run("policy", "explain", "request-4", ...archive());
    expect(byRequest.text).toContain("No rule permitted it.");
    expect(byRequest.text).toContain("Decided again: refuse, as recorded.");
    await expect(run("policy", "explain", "nobody", ...archive())).rejects.toThrow(/no event or request/);
  });

  it("POL-10 diff of a folder with the policies of this build", async () => {
    const { text } = await run("policy", "diff", ours);
    expect(text).toBe(`the policies are the same: ${policyVersion.slice(0, 12)}`);
    const older = changedRule("billing-financial", ', Keyward::Action::"update"');
    const from = path.join(folder, "older.json");
    writeFileSync(from, older.text);
    const { text: wider } = await run("policy", "diff", from);
    expect(wider).toContain("rules changed: billing-financial");
    expect(wider).toMatch(/^\+ +billing +update +B +Claim +HPAYMT +many /m);
    await expect(run("policy", "diff", path.join(folder, "nowhere"))).rejects.toThrow(/does not exist/);
    await expect(run("policy", "diff", folder)).rejects.toThrow(/no schema.cedarschema/);
  });
});
