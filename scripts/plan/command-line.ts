import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import * as z from "zod";

/** What the platform asks to have built. */
const BuildInput = z.looseObject({
  functionID: z.string(),
  handler: z.string(),
  runtime: z.string(),
  links: z.record(z.string(), z.unknown()).default({}),
  properties: z.looseObject({ install: z.record(z.string(), z.string()).default({}) }).default({ install: {} }),
});
export type BuildInput = z.infer<typeof BuildInput>;

const Request = z.looseObject({ method: z.string(), params: z.tuple([z.unknown()]) });

export interface CommandLine {
  readonly url: string;
  /** Every function that was to be built, in the order of asking. */
  readonly builds: readonly BuildInput[];
  close(): void;
}

/**
 * Stands in for SST's command line, which the platform asks over JSON-RPC for the asset bucket of the account and for
 * the build of each function. A build here is one line of code: the plan names handlers and does not hash code.
 */
export async function standIn(): Promise<CommandLine> {
  const folder = mkdtempSync(path.join(tmpdir(), "keyward-plan-"));
  const builds: BuildInput[] = [];
  const answers: Readonly<Record<string, (parameters: unknown) => unknown>> = {
    "Provider.Aws.Bootstrap": () => ({
      asset: "sst-asset",
      state: "sst-state",
      assetEcrRegistryId: "111122223333",
      assetEcrUrl: "111122223333.dkr.ecr.us-east-1.amazonaws.com/sst-asset",
    }),
    "Runtime.Build": (parameters) => {
      const input = BuildInput.parse(parameters);
      builds.push(input);
      const out = path.join(folder, input.functionID);
      mkdirSync(out, { recursive: true });
      writeFileSync(path.join(out, "bundle.mjs"), "export const handler = () => {};\n");
      return { handler: "bundle.handler", out, errors: [], sourcemaps: [] };
    },
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      try {
        const { method, params } = Request.parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
        const answer = answers[method];
        if (answer === undefined) throw new Error(`rpc: can't find service ${method}`);
        response.end(JSON.stringify({ result: answer(params[0]) }));
      } catch (error) {
        response.end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    builds,
    close: () => {
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
