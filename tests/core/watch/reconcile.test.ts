import { describe, expect, it } from "vitest";
import {
  EMPTY_STATE,
  GRACE_MS,
  type DataCall,
  type KeyCall,
  type KeyUseLine,
  nameTouch,
  reconcile,
  type RequestLine,
  type SeenEvent,
  type Sightings,
  touchOf,
} from "../../../core/watch/index.ts";
import { OTHER_TENANT } from "../audit/fixtures.ts";
import { MINUTE, patientId, recordId, seenAt, T0, TENANT, USER } from "./fixtures.ts";

const [P1, P2] = [patientId(1), patientId(2)];
const chart = (patient: string, dataClass = "C"): string => `T#${TENANT}#${dataClass}#P#${patient}`;
const observation = (patient: string, number = 1): string => `R#Observation#${recordId(patient, number)}`;
const PLAIN = "keyward-dev-fn-cross-check";
const ROLE = "keyward-dev-c01-tenant-request";

const readOf = (request: string, patient: string, atMs = T0, more: object = {}): SeenEvent =>
  seenAt(atMs, {
    request,
    patient,
    classes: ["C"],
    entities: [{ type: "Observation", id: recordId(patient, 1), version: 1 }],
    ...more,
  });

const requestLine = (requestId: string, more: Partial<RequestLine> = {}): RequestLine => ({
  requestId,
  route: "fhirRead",
  status: 200,
  atMs: T0 + 50,
  durationMs: 60,
  tenantId: TENANT,
  userId: USER,
  ...more,
});

const use = (
  requestId: string,
  keys: readonly (readonly [pk: string, sk: string])[],
  more: object = {},
): KeyUseLine => ({
  requestId,
  service: "fhir",
  route: "fhirRead",
  tenantId: TENANT,
  userId: USER,
  atMs: T0 + 50,
  count: keys.length,
  records: keys.map(([pk, sk]) => nameTouch(touchOf(pk, sk)).name),
  more: [],
  uncounted: 0,
  ...more,
});

let calls = 0;
const call = (
  request: string | undefined,
  keys: readonly (readonly [pk: string, sk?: string])[],
  more: object = {},
): DataCall => ({
  eventId: `call-${(calls += 1)}`,
  operation: "GetItem",
  isWrite: false,
  atMs: T0,
  request,
  principal: ROLE,
  sourceIdentity: `u-${USER}`,
  touches: keys.map(([pk, sk]) => touchOf(pk, sk)),
  isDenied: false,
  ...more,
});
const keyCall = (request: string | undefined, more: object = {}): KeyCall => {
  const { touches: _touches, isWrite: _isWrite, ...base } = call(request, []);
  return { ...base, operation: "Decrypt", tenantId: TENANT, dataClass: "C", ...more };
};

const NOTHING: Sightings = { events: [], requests: [], keyUses: [], calls: [], keyCalls: [], objects: [], changes: [] };
const judge = (sightings: Partial<Sightings>, nowMs = T0 + 2 * MINUTE) =>
  reconcile(
    { ...NOTHING, ...sightings },
    { nowMs, states: new Map([[TENANT, EMPTY_STATE]]), rules: { plainReaders: new Set([PLAIN]) } },
  ).signals;

/** A request that did what its event says. */
const honest = (request: string, patient = P1): Sightings => ({
  ...NOTHING,
  events: [readOf(request, patient)],
  requests: [requestLine(request)],
  keyUses: [use(request, [[chart(patient), observation(patient)]])],
  calls: [call(request, [[chart(patient), observation(patient)]])],
  keyCalls: [keyCall(request)],
});

describe("reconcile", () => {
  it("PROOF-4 finds nothing in a request that did what its event says", () => {
    expect(judge(honest("r-1"))).toEqual([]);
  });

  const search = (more: object): SeenEvent =>
    seenAt(T0, { request: "r-1", interaction: "search", action: "E", classes: ["C", "D"], ...more });

  it.each([
    [
      "another version of the record",
      [readOf("r-1", P1, T0, { interaction: "history" })],
      [[chart(P1), `H#Observation#${recordId(P1, 1)}#0000000001`]],
    ],
    [
      "a search in one chart with what it includes",
      [search({ patient: P1, entities: [{ type: "Observation" }] })],
      [
        [chart(P1), observation(P1, 7)],
        [chart(P1), `R#Encounter#${recordId(P1, 9)}`],
      ],
    ],
    [
      "the directory for a search of patients",
      [search({ entities: [{ type: "Patient" }] })],
      [
        [`T#${TENANT}#D#DIR`, P1],
        [`T#${TENANT}#D#DIR`, P2],
        [chart(P2, "D"), `R#Patient#${P2}`],
      ],
    ],
    [
      "a practitioner, a locator, a consent",
      [readOf("r-1", P1)],
      [
        [`T#${TENANT}#D#R#Practitioner`, "R#Practitioner#x"],
        [`T#${TENANT}#D#L#Observation#x`, "L"],
        [`T#${TENANT}#D#PRV`, P1],
      ],
    ],
    [
      "a whole chart",
      [readOf("r-1", P1, T0, { interaction: "everything", entities: [{ type: "Patient", id: P1 }] })],
      [
        [chart(P1), observation(P1, 3)],
        [chart(P1, "B"), `R#Claim#${recordId(P1, 4)}`],
      ],
    ],
    [
      "an attempt at one id that is not ours",
      [readOf("r-1", P1, T0, { outcome: "denied", patient: undefined, entities: [{ type: "Observation" }] })],
      [[chart(P2), "R#Observation#abc"]],
    ],
    [
      "one request with two events",
      [readOf("r-1", P1), readOf("r-1", P2)],
      [
        [chart(P1), observation(P1)],
        [chart(P2), observation(P2)],
      ],
    ],
  ] as const)("PROOF-4 %s is explained", (_title, events, keys) => {
    const rows = keys as unknown as [string, string][];
    const sightings = {
      events,
      requests: [requestLine("r-1")],
      keyUses: [use("r-1", rows)],
      calls: [call("r-1", rows)],
    };
    expect(judge(sightings)).toEqual([]);
  });

  it.each([
    ["no event at all", [], [[chart(P1), observation(P1)]]],
    ["an event of another patient", [readOf("r-1", P1)], [[chart(P2), observation(P2)]]],
    ["an event of another record of the same patient", [readOf("r-1", P1)], [[chart(P1), observation(P1, 2)]]],
    ["another type of the same patient", [readOf("r-1", P1)], [[chart(P1), `R#Condition#${recordId(P1, 5)}`]]],
    [
      "a past version of another record",
      [readOf("r-1", P1)],
      [[chart(P1), `H#Observation#${recordId(P1, 2)}#0000000001`]],
    ],
    ["another patient's entry in the directory", [readOf("r-1", P1)], [[`T#${TENANT}#D#DIR`, P2]]],
    [
      "a chart for a search of patients alone",
      [search({ entities: [{ type: "Patient" }] })],
      [[chart(P2), observation(P2)]],
    ],
    [
      "an event of another user",
      [readOf("r-1", P1, T0, { actor: { user: OTHER_TENANT, kind: "user", roles: [], client: "c", session: "s" } })],
      [[chart(P1), observation(P1)]],
    ],
    ["an event of another tenant", [readOf("r-1", P1, T0, { tenant: OTHER_TENANT })], [[chart(P1), observation(P1)]]],
    [
      "a second record behind a failed attempt at one",
      [readOf("r-1", P1, T0, { outcome: "denied", patient: undefined, entities: [{ type: "Observation" }] })],
      [
        [chart(P2), "R#Observation#abc"],
        [chart(P1), "R#Observation#abd"],
      ],
    ],
    ["a key that nobody spells", [readOf("r-1", P1)], [[`T#${TENANT}#C#ZZZ`, "x"]]],
  ] as const)(
    "PROOF-4 an opening with %s is a silent read, named by handler, record and time",
    (_title, events, keys) => {
      const rows = keys as unknown as [string, string][];
      const found = judge({ events, requests: [requestLine("r-1")], keyUses: [use("r-1", rows)] });
      const [pk, sk] = rows.at(-1) ?? ["", ""];
      expect(found.filter(({ kind }) => kind === "silent-read")).toEqual([
        expect.objectContaining({
          kind: "silent-read",
          severity: "incident",
          handler: "fhir:fhirRead",
          record: nameTouch(touchOf(pk, sk)).name,
          at: T0 + 50,
        }),
      ]);
    },
  );

  it("PROOF-4 what a line could only count is judged too", () => {
    const group = nameTouch(touchOf(chart(P2), "R#Condition#x")).group;
    const counted = use("r-1", [[chart(P1), observation(P1)]], { more: [`${group}=40`] });
    const flooded = use("r-1", [[chart(P1), observation(P1)]], { uncounted: 3 });
    const given = { events: [readOf("r-1", P1)], requests: [requestLine("r-1")] };
    expect(judge({ ...given, keyUses: [counted] })).toMatchObject([{ record: group, count: 40 }]);
    expect(judge({ ...given, keyUses: [flooded] })).toMatchObject([{ record: "?/strange", count: 3 }]);
  });

  const someKey: readonly [string, string] = [chart(P1), observation(P1)];
  it.each([
    ["that names no request", call(undefined, [someKey])],
    ["that names a request which never was", call("r-9", [someKey])],
    ["under another user's session", call("r-1", [someKey], { sourceIdentity: `u-${OTHER_TENANT}` })],
    ["under no user's session", call("r-1", [someKey], { sourceIdentity: undefined, principal: "administrator" })],
    ["of another patient, under a request's name", call("r-1", [[chart(P2), observation(P2)]])],
    [
      "of one patient too many in a batch",
      call("r-1", [someKey, [chart(P2), observation(P2)]], { operation: "BatchGetItem" }),
    ],
    ["of a whole partition by query", call("r-1", [[chart(P2)]], { operation: "Query" })],
    ["under a request's name, long after it ended", call("r-1", [someKey], { atMs: T0 + 30_000 })],
    ["under a request's name, before it began", call("r-1", [someKey], { atMs: T0 - 30_000 })],
    ["of the whole table", call("r-1", [], { operation: "Scan" })],
  ])("PROOF-4 a call %s is a read that nothing explains", (_title, seen) => {
    const found = judge({ ...honest("r-1"), calls: [seen] });
    expect(found).toMatchObject([{ kind: "unexplained-read", at: seen.atMs, severity: "incident" }]);
    expect(found[0]?.handler).toContain(seen.principal);
  });

  it("AW-19 a write is explained by an event that wrote, and by none that read or searched", () => {
    const write = (keys: [string, string][]) => call("r-1", keys, { operation: "TransactWriteItems", isWrite: true });
    const given = (event: SeenEvent) => ({
      events: [event],
      requests: [requestLine("r-1")],
      calls: [write([[chart(P1), observation(P1)]])],
    });
    expect(judge(given(readOf("r-1", P1, T0, { action: "U", interaction: "update" })))).toEqual([]);
    for (const event of [readOf("r-1", P1), search({ patient: P1, entities: [{ type: "Observation" }] })]) {
      expect(judge(given(event))).toMatchObject([{ kind: "unaudited-write" }]);
    }
    expect(
      judge({ calls: [call(undefined, [someKey], { isWrite: true, operation: "PutItem", principal: "root" })] }),
    ).toMatchObject([{ kind: "unaudited-write", handler: "root", tenant: TENANT }]);
  });

  it("PROOF-4 a tenant's key is unwrapped for a request of that user there, and for nothing else", () => {
    expect(judge(honest("r-1"))).toEqual([]);
    for (const seen of [
      keyCall(undefined),
      keyCall("r-9"),
      keyCall("r-1", { tenantId: OTHER_TENANT }),
      keyCall("r-1", { atMs: T0 + MINUTE / 2 }),
    ]) {
      expect(judge({ ...honest("r-1"), keyCalls: [seen] })).toMatchObject([
        { kind: "unexplained-key-use", tenant: seen.tenantId, record: "C/key" },
      ]);
    }
  });

  it("the cross-check's plain reads are known", () => {
    expect(judge({ calls: [call(undefined, [someKey], { principal: PLAIN, sourceIdentity: undefined })] })).toEqual([]);
  });

  it("PROOF-4 nothing younger than the grace is judged, and all of it once it is older: late sightings raise nothing false and miss nothing", () => {
    const young = use("r-1", [[chart(P1), observation(P1)]]);
    expect(judge({ keyUses: [young] }, young.atMs + GRACE_MS - 1)).toEqual([]);
    expect(judge({ keyUses: [young] }, young.atMs + GRACE_MS)).toHaveLength(1);
  });

  it("PROOF-4 the same sightings in any order, doubled, are the same incidents under the same ids", () => {
    const honestOnes = [honest("r-1"), honest("r-2", P2)];
    const bad = [use("r-3", [[chart(P1), observation(P1)]]), use("r-1", [[chart(P2), observation(P2)]])];
    const silent = [call("r-1", [[chart(P2)]]), call(undefined, [[chart(P1), observation(P1)]])];
    const all: Sightings = {
      ...NOTHING,
      events: honestOnes.flatMap(({ events }) => events),
      requests: honestOnes.flatMap(({ requests }) => requests),
      keyUses: [...honestOnes.flatMap(({ keyUses }) => keyUses), ...bad],
      calls: [...honestOnes.flatMap((each) => each.calls), ...silent],
      keyCalls: honestOnes.flatMap(({ keyCalls }) => keyCalls),
    };
    const doubled: Sightings = {
      ...all,
      events: all.events.toReversed(),
      requests: [...all.requests, ...all.requests].toReversed(),
      keyUses: [...all.keyUses, ...all.keyUses].toReversed(),
      calls: [...all.calls, ...all.calls].toReversed(),
    };
    const ids = judge(all)
      .map(({ id }) => id)
      .toSorted();
    expect(ids).toHaveLength(4);
    expect(
      judge(doubled)
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(ids);
    expect(
      judge(all, T0 + 4 * MINUTE)
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(expect.arrayContaining(ids));
  });
});
