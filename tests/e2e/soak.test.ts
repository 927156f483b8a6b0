import { describe, expect, it } from "vitest";
import { planFaults } from "../../scripts/soak/faults.ts";
import { runSoak } from "../../scripts/soak/run.ts";
import type { Stack } from "../../scripts/local/stack.ts";
import { PATIENCE_MS } from "./harness.ts";

const DATA = "keyward-dev-c01-data";

/** Past every role, as only the embedded DynamoDB itself can. One that was deleted is not there to be lost. */
async function loseARecord({ cloud: { dynamodb } }: Stack): Promise<void> {
  const isRecord = (sort: object | undefined): boolean =>
    sort !== undefined && "S" in sort && String(sort.S).startsWith("R#");
  const item = dynamodb.dumpItems(DATA).find(({ sk, phi }) => isRecord(sk) && phi !== undefined);
  expect(item).toBeDefined();
  await dynamodb.invoke("DynamoDB_20120810.DeleteItem", {
    TableName: DATA,
    Key: { pk: item?.["pk"], sk: item?.["sk"] },
  });
}

describe("TST-6 a short soak: two clinics under load with faults and outages", { timeout: PATIENCE_MS }, () => {
  it("every promise held", async () => {
    // The seed that once gave two events one number: an answer lost while its retries were throttled.
    const report = await runSoak({ seed: "40", seconds: 8, workersPerTenant: 2 });
    expect(report.violations).toEqual([]);
    expect(report.acknowledgedVersions).toBeGreaterThan(0);
    expect(Object.values(report.faults).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
  });

  it("finds a record that is lost", async () => {
    const options = { seed: "planted", seconds: 3, workersPerTenant: 1, beforeChecks: loseARecord };
    const { violations } = await runSoak(options);
    expect(violations).toEqual(
      expect.arrayContaining([
        expect.stringContaining("is answered 404, not 200"),
        expect.stringContaining("was acknowledged and is not in the table"),
        expect.stringContaining("alarms of the cross-check"),
      ]),
    );
  });

  it("a seed repeats its faults", () => {
    expect(planFaults("one")).toEqual(planFaults("one"));
    expect(planFaults("one")).not.toEqual(planFaults("two"));
  });
});
