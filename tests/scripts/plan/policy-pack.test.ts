import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { preparePlatform } from "../../../scripts/plan/platform.ts";
import { writePolicyPack } from "../../../scripts/plan/policy-pack.ts";
import type { PlannedResource } from "../../../scripts/plan/shape.ts";
import { committedPlan, root } from "../../stacks/plans.ts";

/** The parts of Pulumi's analyzer protocol that its engine would speak to the pack. Source: pulumi/analyzer.proto. */
interface Message {
  setType(text: string): void;
  setUrn(text: string): void;
  setName(text: string): void;
  setProperties(struct: unknown): void;
  setOptions(options: Message): void;
  setProtect(isProtected: boolean): void;
  setResourcesList(resources: readonly Message[]): void;
}
interface Diagnostic {
  getPolicyname(): string;
  getMessage(): string;
  getEnforcementlevel(): number;
}
interface Answer {
  getDiagnosticsList(): Diagnostic[];
}
interface Client {
  analyze(request: Message, callback: (error: Error | null, answer: Answer) => void): void;
  analyzeStack(request: Message, callback: (error: Error | null, answer: Answer) => void): void;
  close(): void;
}

const require = createRequire(path.join(root, "node_modules", "@pulumi", "pulumi", "package.json"));
const grpc = require("@grpc/grpc-js") as { credentials: { createInsecure(): unknown } };
const messages = require("@pulumi/pulumi/proto/analyzer_pb.js") as Record<string, new () => Message>;
const { AnalyzerClient } = require("@pulumi/pulumi/proto/analyzer_grpc_pb.js") as {
  AnalyzerClient: new (address: string, credentials: unknown) => Client;
};
const { Struct } = require("google-protobuf/google/protobuf/struct_pb.js") as {
  Struct: { fromJavaScript(value: object): unknown };
};
const MANDATORY = (require("@pulumi/pulumi/proto/analyzer_pb.js") as { EnforcementLevel: { MANDATORY: number } })
  .EnforcementLevel.MANDATORY;

const plan = committedPlan("production");

/** As the engine holds it: policy documents are text. */
function message(kind: "AnalyzeRequest" | "AnalyzerResource", resource: PlannedResource): Message {
  const Kind = messages[kind];
  const Options = messages["AnalyzerResourceOptions"];
  if (Kind === undefined || Options === undefined) throw new Error("the analyzer protocol has changed");
  const properties: Record<string, unknown> = { ...resource.inputs, id: resource.state["id"] };
  for (const name of ["policy", "assumeRolePolicy"]) {
    if (name in properties) properties[name] = JSON.stringify(properties[name]);
  }
  const made = new Kind();
  const options = new Options();
  options.setProtect(resource.options.protect);
  made.setType(resource.type);
  made.setUrn(resource.urn);
  made.setName(resource.name);
  made.setProperties(Struct.fromJavaScript(properties));
  made.setOptions(options);
  return made;
}

function stackOf(resources: readonly PlannedResource[]): Message {
  const Request = messages["AnalyzeStackRequest"];
  if (Request === undefined) throw new Error("the analyzer protocol has changed");
  const request = new Request();
  request.setResourcesList(resources.map((resource) => message("AnalyzerResource", resource)));
  return request;
}

describe("INF-6 the guardrails answer Pulumi's engine", () => {
  let pack: ChildProcess;
  let client: Client;

  beforeAll(async () => {
    await preparePlatform(root);
    const folder = await writePolicyPack(root);
    // The engine gives its own address; the pack writes the port that it listens on.
    pack = spawn(process.execPath, [path.join(folder, "index.js"), "127.0.0.1:1"], { cwd: folder });
    const port = await new Promise<string>((resolve, reject) => {
      pack.stdout?.once("data", (chunk: Buffer) => resolve(chunk.toString("utf8").trim()));
      pack.once("exit", () => reject(new Error("the policy pack ended")));
    });
    client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  });

  afterAll(async () => {
    client.close();
    const ended = new Promise((resolve) => pack.once("exit", resolve));
    pack.kill();
    await ended;
  });

  const ask = (method: "analyze" | "analyzeStack", request: Message): Promise<string[]> =>
    new Promise((resolve, reject) => {
      client[method](request, (error, answer) => {
        if (error !== null) return reject(error);
        const found = answer.getDiagnosticsList();
        expect(found.every((diagnostic) => diagnostic.getEnforcementlevel() === MANDATORY)).toBe(true);
        return resolve(found.map((diagnostic) => `${diagnostic.getPolicyname()}: ${diagnostic.getMessage()}`));
      });
    });

  it("and let every resource of production through", async () => {
    const answers = await Promise.all(
      plan.resources.map((resource) => ask("analyze", message("AnalyzeRequest", resource))),
    );
    expect(answers.flat()).toEqual([]);
    expect(await ask("analyzeStack", stackOf(plan.resources))).toEqual([]);
  });

  it("and stop a bucket that a removal would empty", async () => {
    const bucket = plan.resources.find(({ type }) => type === "aws:s3/bucket:Bucket");
    if (bucket === undefined) throw new Error("the plan has no bucket");
    const emptied = { ...bucket, inputs: { ...bucket.inputs, forceDestroy: true } };
    const found = await ask("analyze", message("AnalyzeRequest", emptied));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain("bucket-kept");
    expect(found[0]).toContain("forceDestroy is not off");
  });

  it("and stop a stack whose archive has no lock", async () => {
    const unlocked = plan.resources.filter(({ name }) => name !== "ArchiveLock");
    const found = await ask("analyzeStack", stackOf(unlocked));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain("lock-configured");
  });
});
