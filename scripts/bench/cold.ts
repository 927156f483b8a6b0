import { spawnSync } from "node:child_process";
import { clientToken } from "../cli/sign-in.ts";
import type { UsageRecord } from "../local/lambda/index.ts";
import { type Figure, median } from "./figures.ts";
import type { BenchStage } from "./stage.ts";

const ROUNDS = 5;
const BASE = "node -e 0";

function emptyProcessMs(): number {
  const start = performance.now();
  spawnSync(process.execPath, ["-e", "0"]);
  return performance.now() - start;
}

/** The first request of each zone in a new environment: what it takes to load it, and to answer. */
export async function benchCold({ stack, profile, clinics: [clinic] }: BenchStage): Promise<Figure[]> {
  if (clinic === undefined) throw new Error("the bench has a clinic");
  const operatorToken = await clientToken(profile.publicUrl, profile.operator, "platform");
  const physicianToken = await clinic.physician.token();
  const zones: readonly { readonly zone: string; readonly path: string; readonly token?: string }[] = [
    { zone: "public", path: "/fhir/metadata" },
    { zone: "session", path: "/oauth2/jwks" },
    { zone: "fhir", path: "/fhir/Organization", token: physicianToken },
    { zone: "platform", path: "/platform/tenants", token: operatorToken },
  ];
  const bases: number[] = [];
  const loads = new Map<string, number[]>(zones.map(({ zone }) => [zone, []]));
  const answers = new Map<string, number[]>(zones.map(({ zone }) => [zone, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { zone, path, token } of zones) {
      bases.push(emptyProcessMs());
      await stack.lambda.retireAll();
      const used: UsageRecord[] = [];
      const stop = stack.lambda.onUsage((record) => used.push(record));
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const response = await fetch(`${profile.publicUrl}${path}`, { headers });
      await response.arrayBuffer();
      stop();
      const record = used.find(({ functionName }) => functionName.endsWith(`-${zone}`));
      if (!response.ok || record?.initMs === undefined)
        throw new Error(`the first request of zone ${zone} was not cold`);
      loads.get(zone)?.push(record.initMs);
      answers.get(zone)?.push(record.initMs + record.durationMs);
    }
  }
  const base = median(bases);
  const figure = (name: string, value: number): Figure => ({
    section: "cold start",
    name,
    value,
    unit: "ms",
    ratio: value / base,
    base: BASE,
  });
  return [
    figure(BASE, base),
    ...zones.flatMap(({ zone }) => [
      figure(`${zone}: load`, median(loads.get(zone) ?? [])),
      figure(`${zone}: load and first answer`, median(answers.get(zone) ?? [])),
    ]),
  ];
}
