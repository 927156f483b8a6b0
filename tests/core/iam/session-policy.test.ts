import { describe, expect, it } from "vitest";
import {
  asList,
  attachmentArn,
  exportFolder,
  exportSessionPolicy,
  lintDocument,
  QUEUE_JOB,
  SESSION_POLICY_LIMIT,
  SESSION_PURPOSES,
  sessionPolicy,
  type Site,
} from "../../../core/iam/index.ts";
import { DATA_CLASSES, type DataClass } from "../../../core/kernel/data-class.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";
import { PURPOSES } from "../../../core/policy/grant.ts";
import { A, JOB, keys, site } from "./stage.ts";

const all = DATA_CLASSES.filter((dataClass) => dataClass !== "A");
const subsets: readonly (readonly DataClass[])[] = Array.from({ length: 2 ** all.length }, (_, mask) =>
  all.filter((_class, index) => (mask >> index) & 1),
);
const sizeOf = (where: Site, classes: readonly DataClass[], purpose: (typeof PURPOSES)[number]): number =>
  JSON.stringify(sessionPolicy(where, keys, { tenantId: A, classes, purpose })).length;

describe("the session policy", () => {
  it("fits into STS's limit for every set of classes, purpose and stage, in the region with the longest name", () => {
    const sizes = (["dev", "staging", "production"] as const).flatMap((stage) =>
      subsets.flatMap((classes) =>
        PURPOSES.map((purpose) => sizeOf({ ...site, stage, region: "ap-southeast-1" }, classes, purpose)),
      ),
    );
    expect(Math.max(...sizes)).toBeLessThanOrEqual(SESSION_POLICY_LIMIT);
  });

  it("has the sizes that a reviewer knows", () => {
    const production: Site = { ...site, stage: "production" };
    expect({
      physician: sizeOf(production, ["C", "D", "X", "I"], "TREAT"),
      breakGlass: sizeOf(production, ["C", "S", "D", "X", "I"], "ETREAT"),
      billing: sizeOf(production, ["B", "D", "I"], "HPAYMT"),
      frontDesk: sizeOf(production, ["D", "I"], "HOPERAT"),
      everything: sizeOf(production, all, "HOPERAT"),
    }).toMatchInlineSnapshot(`
      {
        "billing": 1625,
        "breakGlass": 1791,
        "everything": 1919,
        "frontDesk": 1499,
        "physician": 1663,
      }
    `);
  });

  it("breaks no rule of the lint, whatever its classes", () => {
    for (const classes of subsets) {
      expect(lintDocument(sessionPolicy(site, keys, { tenantId: A, classes, purpose: "TREAT" }), "session")).toEqual(
        [],
      );
    }
  });

  it("does not depend on the order or repetition of classes", () => {
    const make = (classes: readonly DataClass[]) =>
      sessionPolicy(site, keys, { tenantId: A, classes, purpose: "TREAT" });
    expect(make(["I", "C", "D", "C"])).toEqual(make(["C", "D", "I"]));
  });

  it.each([
    "",
    "*",
    "t1",
    A.toUpperCase(),
    `${A}0`,
    A.slice(1),
    `${A.slice(0, 25)}*`,
    `${A.slice(0, 25)}?`,
    `${A.slice(0, 24)}","`,
    `${A}\n`,
    "${aws:PrincipalTag/tenant}",
  ])("AW-12 refuses the tenant id %j", (id) => {
    expect(() => sessionPolicy(site, keys, { tenantId: id as TenantId, classes: ["C"], purpose: "TREAT" })).toThrow(
      "a session policy is made for a tenant id",
    );
  });

  it("never reaches class A", () => {
    expect(() => sessionPolicy(site, keys, { tenantId: A, classes: ["C", "A"], purpose: "TREAT" })).toThrow(
      "no session reads or unwraps audit detail",
    );
  });

  it("refuses an unknown purpose", () => {
    expect(() => sessionPolicy(site, keys, { tenantId: A, classes: ["C"], purpose: "MARKETING" as "TREAT" })).toThrow(
      "a session has a known purpose",
    );
  });

  it("knows the purposes that policy grants", () => {
    expect([...SESSION_PURPOSES].sort()).toEqual([...PURPOSES].sort());
  });
});

describe("EXP-1 the session policy of an export", () => {
  const make = (jobId: string, classes: readonly DataClass[], tenantId = A) =>
    exportSessionPolicy(site, keys, { tenantId, jobId, classes, purpose: "HOPERAT" });

  it("fits into STS's limit for every set of classes and stage, in the region with the longest name", () => {
    const sizes = (["dev", "staging", "production"] as const).flatMap((stage) =>
      subsets.map((classes) => {
        const where = { ...site, stage, region: "ap-southeast-1" };
        const scope = { tenantId: A, jobId: JOB, classes, purpose: "MLTRAINING" as const };
        return JSON.stringify(exportSessionPolicy(where, keys, scope)).length;
      }),
    );
    expect(Math.max(...sizes)).toBeLessThanOrEqual(SESSION_POLICY_LIMIT);
  });

  it("breaks no rule of the lint, whatever its classes", () => {
    for (const classes of subsets) expect(lintDocument(make(JOB, classes), "session")).toEqual([]);
  });

  it("TEN-11 reads what documents hold in the job's own classes, and never another job's files", () => {
    const text = (jobId: string, classes: readonly DataClass[]) => JSON.stringify(make(jobId, classes));
    expect(text(JOB, ["C", "D", "I"])).toContain(`/t/${A}/C/*`);
    expect(text(JOB, ["D", "I"])).not.toContain(`/t/${A}/C/*`);
    for (const classes of [["C", "S", "B", "D", "X", "I"], []] as const)
      for (const wide of [`/t/${A}/*`, `/t/${A}/X/*`, `/t/${A}/I/*`]) expect(text(JOB, classes)).not.toContain(wide);
    expect(text("queue", ["C", "D"])).not.toContain("s3:");
  });

  it.each(["", "*", "j1", `${JOB}0`, `${JOB.slice(0, 25)}*`, "queue/", "${aws:PrincipalTag/job}"])(
    "AW-12 refuses the job id %j",
    (jobId) => {
      expect(() => make(jobId, ["D"])).toThrow("an export's session is for one job, or for the queue");
    },
  );

  it("AW-12 refuses a tenant id outside the grammar", () => {
    expect(() => make(JOB, ["D"], "*" as TenantId)).toThrow("a session policy is made for a tenant id");
  });

  it("never reaches class A", () => {
    expect(() => make(JOB, ["C", "A"])).toThrow("no session reads or unwraps audit detail");
  });

  it("gives the queue's session no file", () => {
    expect(JSON.stringify(make(QUEUE_JOB, []))).not.toContain("s3:");
  });

  it("lets a request that reads an export's file reach that export and no other class", () => {
    const policy = sessionPolicy(site, keys, { tenantId: A, classes: [], purpose: "HOPERAT", exportJobId: JOB });
    const objects = policy.Statement.flatMap(({ Resource }) => asList(Resource)).filter((arn) =>
      arn.includes(":s3:::"),
    );
    expect(objects).toEqual([`${attachmentArn(site)}/${exportFolder(A, JOB)}*`]);
    expect(() => sessionPolicy(site, keys, { tenantId: A, classes: [], purpose: "HOPERAT", exportJobId: "*" })).toThrow(
      "an export's files are those of a job id",
    );
  });
});
