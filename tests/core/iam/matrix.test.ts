import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { summarize } from "./golden.ts";
import { isFullRun, layers } from "./matrix.ts";
import { isKilled, judgeAll, mutantsOf } from "./mutants.ts";
import { survivors } from "./survivors.ts";

const judged = layers().map(judgeAll);
const goldenName = (layer: string): string => `${layer.replace("/", "-")}.json`;
// Read before any is written: a golden file that is missing would otherwise be made in silence.
const goldens = readdirSync(new URL("golden", import.meta.url)).sort();

describe("TST-3 the policy matrix", () => {
  it("has a golden file for each layer and no other", () => {
    expect(goldens).toEqual(judged.map(({ layer }) => goldenName(layer.name)).sort());
  });

  // Run with `-u` after a wanted change: the diff of the golden files is the change in what anybody may do.
  it.skipIf(isFullRun).each(judged)("$layer.name decides as its golden file says", async (each) => {
    await expect(summarize(each)).toMatchFileSnapshot(`golden/${goldenName(each.layer.name)}`);
  });
});

describe("TST-3 the mutants", () => {
  const verdicts = judged.flatMap((each) =>
    mutantsOf(each.layer).map((mutant) => ({ id: mutant.id, isKilled: isKilled(each, mutant) })),
  );
  const alive = verdicts.filter((verdict) => !verdict.isKilled).map(({ id }) => id);

  it("are at least 1,500, and the matrix kills at least 95% of them", () => {
    expect(verdicts.length).toBeGreaterThanOrEqual(1500);
    expect(1 - alive.length / verdicts.length).toBeGreaterThanOrEqual(0.95);
  });

  it("that survive are all explained", () => {
    expect(alive.filter((id) => survivors[id] === undefined)).toEqual([]);
  });

  it.skipIf(isFullRun)("that are explained do survive", () => {
    expect(Object.keys(survivors).filter((id) => !alive.includes(id))).toEqual([]);
  });

  it("finds a planted hole: a role that may also scan", () => {
    const [tenant] = judged;
    if (tenant === undefined) throw new Error("the catalog is not empty");
    const planted = {
      ...tenant.layer.document,
      Statement: tenant.layer.document.Statement.map((statement) =>
        statement.Sid === "DenyNever" ? { ...statement, Action: "sts:*" } : statement,
      ),
    };
    const mutant = { id: "planted", document: planted, statements: planted.Statement };
    expect(isKilled(tenant, mutant)).toBe(true);
    expect(isKilled(tenant, { ...mutant, document: tenant.layer.document })).toBe(false);
  });
});
