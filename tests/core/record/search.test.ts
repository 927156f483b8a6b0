import { beforeEach, describe, expect, it } from "vitest";
import type { Records, StoredVersion } from "../../../core/record/index.ts";
import { errorOf, TENANT_B, USER_B, valueOf } from "../crypto/fixtures.ts";
import type { World } from "./world.ts";
import { createWorld, grantOf, observation, patient, query, resource, withId } from "./world.ts";

let world: World;
let records: Records;
let ada: StoredVersion;
const grant = grantOf();

const create = async (value: Parameters<Records["create"]>[1]): Promise<StoredVersion> =>
  valueOf(await records.create(grant, value)).version;
const search = async (...[type, text]: Parameters<typeof query>) =>
  valueOf(await records.search(grant, query(type, text)));
const idsOf = (page: { readonly matches: readonly { readonly id?: string }[] }): (string | undefined)[] =>
  page.matches.map(({ id }) => id);

beforeEach(async () => {
  world = await createWorld();
  records = world.for(grant);
  ada = await create(patient("Lovelace"));
});

describe("a search inside a patient", () => {
  it("finds by every criterion in every class of the grant, and nothing of another patient", async () => {
    const byron = await create(patient("Byron"));
    const height = await create(observation(ada.id, "height", "C", { effectiveDateTime: "2026-02-01" }));
    const secret = await create(observation(ada.id, "mood", "S", { effectiveDateTime: "2026-03-01" }));
    await create(observation(byron.id, "height"));
    expect(new Set(idsOf(await search("Observation", `patient=${ada.id}`)))).toEqual(new Set([height.id, secret.id]));
    expect(idsOf(await search("Observation", `subject=Patient/${ada.id}&date=ge2026-02-15`))).toEqual([secret.id]);
    expect(
      idsOf(await search("Observation", `patient=Patient/${ada.id}&code=http://loinc.org|8302-2&_sort=-date`)),
    ).toEqual([secret.id, height.id]);
    expect((await search("Observation", `patient=${ada.id},${byron.id}`)).total).toBe(3);
    expect((await search("Condition", `patient=${ada.id}`)).total).toBe(0);
  });

  it("AT-07: by ids finds those of this tenant alone", async () => {
    const theirs = grantOf({ tenantId: TENANT_B });
    const foreign = valueOf(await world.for(theirs).create(theirs, patient("Foreign"))).version;
    expect(await search("Patient", `_id=${ada.id},${foreign.id}`)).toMatchObject({
      total: 1,
      matches: [{ id: ada.id }],
    });
    const own = await create(observation(ada.id, "x"));
    expect(idsOf(await search("Observation", `_id=${own.id},${foreign.id}.${foreign.id},none`))).toEqual([own.id]);
  });

  it("AUD-1 of several patients names each of them, also whose record held nothing, and no text of the caller's", async () => {
    const byron = await create(patient("Byron"));
    await create(observation(byron.id, "height"));
    await search("Observation", `patient=${ada.id},${byron.id},Doe`);
    const searched = world.events.at(-1)?.entities ?? [];
    expect(searched.filter(({ type }) => type === "Patient").map(({ id }) => id)).toEqual([ada.id, byron.id]);
    expect(JSON.stringify(searched)).not.toContain("Doe");
  });

  it("without a patient is refused with its reason, as is one over many", async () => {
    const refusal = async (text: string) => errorOf(await records.search(grant, query("Observation", text)));
    expect(await refusal("status=final")).toEqual({ kind: "not-supported", rule: "search-without-patient" });
    expect(await refusal("patient:missing=true")).toEqual({ kind: "not-supported", rule: "search-without-patient" });
    const many = Array.from({ length: 11 }, (_, index) => `p${index}`).join(",");
    expect(await refusal(`patient=${many}`)).toEqual({ kind: "too-costly", rule: "search-patients" });
  });

  it("AT-11: pages through all, each once; a cursor serves its own user and search for an hour", async () => {
    for (let index = 0; index < 7; index += 1) await create(observation(ada.id, `o${index}`));
    const first = query("Observation", `patient=${ada.id}&_count=3&_sort=_id`);
    const seen: (string | undefined)[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = valueOf(await records.search(grant, first, cursor === undefined ? {} : { cursor }));
      expect(page.total).toBe(7);
      seen.push(...idsOf(page));
      cursor = page.next;
      pages += 1;
    } while (cursor !== undefined);
    expect([seen.length, new Set(seen).size, pages]).toEqual([7, 7, 3]);
    const { next = "" } = valueOf(await records.search(grant, first));
    const invalid = { kind: "invalid-cursor" };
    const other = query("Observation", `patient=${ada.id}&_count=3&_sort=-_id`);
    expect(errorOf(await records.search(grant, other, { cursor: next }))).toEqual(invalid);
    const colleague = grantOf({ userId: USER_B });
    expect(errorOf(await world.for(colleague).search(colleague, first, { cursor: next }))).toEqual(invalid);
    const clinical = grantOf({ classes: ["C", "D"] });
    expect(errorOf(await world.for(clinical).search(clinical, first, { cursor: next }))).toEqual(invalid);
    const theirs = grantOf({ tenantId: TENANT_B });
    expect(errorOf(await world.for(theirs).search(theirs, first, { cursor: next }))).toEqual(invalid);
    expect(
      errorOf(await records.search(grant, first, { cursor: `${next.slice(0, -1)}${next.endsWith("A") ? "B" : "A"}` })),
    ).toEqual(invalid);
    world.clock.nowMs += 60 * 60 * 1000;
    expect(errorOf(await records.search(grant, first, { cursor: next }))).toEqual(invalid);
  });

  it("counts without content where only the count is asked for", async () => {
    await create(observation(ada.id, "x"));
    expect(await search("Observation", `patient=${ada.id}&_summary=count`)).toEqual({
      matches: [],
      included: [],
      total: 1,
      patientId: ada.id,
    });
  });
});

describe("includes", () => {
  it("draw in what matches refer to, and what refers to them, each once and in the grant's classes", async () => {
    const who = await create(resource({ resourceType: "Practitioner", name: [{ family: "Who" }] }));
    const performer = [{ reference: `Practitioner/${who.id}` }];
    const one = await create(observation(ada.id, "one", "C", { performer }));
    await create(observation(ada.id, "two", "C", { performer }));
    const provenance = await create(
      resource({
        resourceType: "Provenance",
        target: [{ reference: `Observation/${one.id}` }],
        recorded: "2026-01-01T00:00:00Z",
        agent: [{ who: { reference: `Practitioner/${who.id}` } }],
      }),
    );
    expect(provenance.id.startsWith(`${ada.id}.`)).toBe(true);
    const text = `patient=${ada.id}&_include=Observation:performer&_include=Observation:subject&_revinclude=Provenance:target`;
    const { included } = await search("Observation", text);
    expect(included.map(({ resourceType }) => resourceType).toSorted()).toEqual([
      "Patient",
      "Practitioner",
      "Provenance",
    ]);
    const both = await create(
      observation(ada.id, "both", "C", { hasMember: [{ reference: `Observation/${one.id}` }] }),
    );
    const matched = await search("Observation", `_id=${one.id},${both.id}&_include=Observation:has-member`);
    expect([matched.total, matched.included]).toEqual([2, []]);
    const billing = grantOf({ classes: ["B", "D"] });
    const nothing = valueOf(
      await world.for(billing).search(billing, query("Patient", `_id=${ada.id}&_revinclude=Provenance:target`)),
    );
    expect(nothing.included).toEqual([]);
  });
});

describe("the patient directory", () => {
  it("finds by name, birth date, identifier and telecom, with and without the rest of the record", async () => {
    const byron = await create(
      patient("Byron", {
        birthDate: "1788-01-22",
        gender: "male",
        telecom: [{ system: "phone", value: "555-1" }],
        address: [{ city: "London" }],
      }),
    );
    expect(idsOf(await search("Patient", "family=love"))).toEqual([ada.id]);
    expect(idsOf(await search("Patient", "name=ada&birthdate=1788-01-22"))).toEqual([byron.id]);
    expect(idsOf(await search("Patient", "identifier=urn:mrn|mrn-Byron"))).toEqual([byron.id]);
    expect(idsOf(await search("Patient", "phone=555-1"))).toEqual([byron.id]);
    expect(idsOf(await search("Patient", "address-city=london&gender=male"))).toEqual([byron.id]);
    expect(idsOf(await search("Patient", "_sort=birthdate"))).toEqual([byron.id, ada.id]);
    const [found] = (await search("Patient", "family=byron")).matches;
    expect(found).toMatchObject({ address: [{ city: "London" }], meta: { versionId: "1" } });
  });

  it("follows updates and deletions in the same transaction", async () => {
    valueOf(await records.update(grant, withId(patient("King"), ada.id), { ifMatch: 1 }));
    expect((await search("Patient", "family=lovelace")).total).toBe(0);
    expect((await search("Patient", "family=king")).total).toBe(1);
    valueOf(await records.delete(grant, "Patient", ada.id, { ifMatch: 2 }));
    expect((await search("Patient", "family=king")).total).toBe(0);
    expect(errorOf(await records.everything(grant, ada.id))).toEqual({ kind: "not-found" });
  });

  it("ISO-9: never shows another tenant's patients, and each event names who was found", async () => {
    const theirs = grantOf({ tenantId: TENANT_B });
    valueOf(await world.for(theirs).create(theirs, patient("Lovelace")));
    world.events.length = 0;
    expect(idsOf(await search("Patient", "family=lovelace"))).toEqual([ada.id]);
    expect(world.events).toMatchObject([
      { interaction: "search", count: 1, entities: [{ type: "Patient" }, { type: "Patient", id: ada.id }] },
    ]);
  });
});

describe("types without patients", () => {
  it("are searched in their own partition", async () => {
    await create(resource({ resourceType: "Practitioner", name: [{ family: "Who" }] }));
    await create(resource({ resourceType: "Practitioner", name: [{ family: "Jones" }] }));
    expect((await search("Practitioner", "name=who")).total).toBe(1);
    expect((await search("Practitioner", "")).total).toBe(2);
    expect((await search("Organization", "")).total).toBe(0);
  });

  it("records of a type with patients that have none are found by what they are about", async () => {
    const who = await create(resource({ resourceType: "Practitioner", name: [{ family: "Who" }] }));
    const schedule = await create(
      resource({ resourceType: "Schedule", actor: [{ reference: `Practitioner/${who.id}` }] }),
    );
    expect(idsOf(await search("Schedule", `actor=Practitioner/${who.id}`))).toEqual([schedule.id]);
  });
});

describe("a chart", () => {
  it("holds the compartment in every class and what it refers to, the patient first, page by page", async () => {
    const who = await create(resource({ resourceType: "Practitioner", name: [{ family: "Who" }] }));
    await create(observation(ada.id, "one", "C", { performer: [{ reference: `Practitioner/${who.id}` }] }));
    await create(observation(ada.id, "two", "S"));
    await create(
      resource({
        resourceType: "Coverage",
        status: "active",
        beneficiary: { reference: `Patient/${ada.id}` },
        payor: [{ display: "Self" }],
      }),
    );
    const gone = await create(observation(ada.id, "gone"));
    valueOf(await records.delete(grant, "Observation", gone.id));
    const chart = valueOf(await records.everything(grant, ada.id));
    expect(chart.resources.map(({ resourceType }) => resourceType)).toEqual([
      "Patient",
      "Observation",
      "Observation",
      "Coverage",
      "Practitioner",
    ]);
    const first = valueOf(await records.everything(grant, ada.id, { count: 2 }));
    const second = valueOf(await records.everything(grant, ada.id, { count: 3, cursor: first.next! }));
    expect([...first.resources, ...second.resources]).toEqual(chart.resources);
    expect(second.next).toBeUndefined();
  });
});
