import type { Random } from "../seed/random.ts";
import type { SoakAnswer, SoakClient, SoakRequest } from "./client.ts";
import type { ModelRecord, TenantModel } from "./model.ts";

export interface Worker {
  readonly random: Random;
  readonly own: TenantModel;
  readonly other: TenantModel;
  readonly client: SoakClient;
  /** Unique in a run, for idempotency keys. */
  readonly nextKey: () => string;
}

interface Resource {
  readonly id?: string;
  readonly meta?: { readonly versionId?: string };
}

const CODES = ["29463-7", "8302-2", "8867-4"] as const;

const patientWith = (mark: string) => ({
  resourceType: "Patient",
  identifier: [{ system: "urn:example:soak", value: mark }],
  name: [{ family: mark, given: [mark] }],
  gender: "female",
  birthDate: "1980-02-29",
});

const observationWith = (mark: string, patientId: string, code: string, id?: string) => ({
  resourceType: "Observation",
  ...(id === undefined ? {} : { id }),
  status: "final",
  code: { coding: [{ system: "http://loinc.org", code }], text: mark },
  subject: { reference: `Patient/${patientId}` },
  effectiveDateTime: "2026-11-01T08:00:00Z",
  valueString: mark,
});

const parse = <T>(answer: SoakAnswer): T => JSON.parse(answer.text) as T;

/** Sends a write. What is answered clearly is settled now, all else when the faults are over. */
async function write(
  { client, own }: Worker,
  request: SoakRequest,
  settle: (answer: SoakAnswer) => void,
): Promise<void> {
  const answer = await client.send(request);
  if (answer === undefined) own.open.push({ request, settle });
  else settle(answer);
}

function settleCreate(own: TenantModel, type: string, mark: string, answer: SoakAnswer): void {
  if (answer.status !== 201) return void own.violations.push(`a create was answered ${answer.status}`);
  const { id = "", meta } = parse<Resource>(answer);
  const patientId = id.split(".")[0] ?? "";
  own.acknowledge(`${type}/${id}`, { type, id, patientId, version: Number(meta?.versionId), mark }, answer.isReplay);
  if (type === "Patient" && !own.patients.includes(id)) own.patients.push(id);
}

async function createPatient(worker: Worker): Promise<void> {
  const mark = worker.own.nextMark();
  const request = { method: "POST", path: "/fhir/Patient", body: patientWith(mark), key: worker.nextKey() } as const;
  await write(worker, request, (answer) => settleCreate(worker.own, "Patient", mark, answer));
}

async function createObservation(worker: Worker): Promise<void> {
  const { own, random } = worker;
  if (own.patients.length === 0) return createPatient(worker);
  const mark = own.nextMark();
  const body = observationWith(mark, random.pick(own.patients), random.pick(CODES));
  const request = { method: "POST", path: "/fhir/Observation", body, key: worker.nextKey() } as const;
  let first: string | undefined;
  await write(worker, request, (answer) => {
    settleCreate(own, "Observation", mark, answer);
    first = answer.status === 201 ? parse<Resource>(answer).id : undefined;
  });
  if (first === undefined || !random.chance(0.2)) return;
  // The same request under the same key has one effect, however often it is sent.
  await write(worker, request, (answer) => {
    if (answer.status !== 201 || !answer.isReplay || parse<Resource>(answer).id !== first)
      own.violations.push(`a repeat of Observation/${first} was answered ${answer.status} as a new one`);
  });
}

function pickFree({ own, random }: Worker): ModelRecord | undefined {
  const free = [...own.records.values()].filter(
    ({ type, isBusy, mark }) => type === "Observation" && !isBusy && mark !== undefined,
  );
  return free.length === 0 ? undefined : random.pick(free);
}

/** A change of a record that no other worker changes meanwhile. `isBusy` stays set while its end is not clear. */
async function change(
  worker: Worker,
  record: ModelRecord,
  request: SoakRequest,
  settle: (answer: SoakAnswer) => void,
): Promise<void> {
  record.isBusy = true;
  await write(worker, request, (answer) => {
    settle(answer);
    record.isBusy = false;
  });
}

async function update(worker: Worker): Promise<void> {
  const { own, random } = worker;
  const record = pickFree(worker);
  if (record === undefined) return createObservation(worker);
  const { type, id, patientId, version: before } = record;
  const isStale = before > 1 && random.chance(0.2);
  const mark = own.nextMark();
  const request: SoakRequest = {
    method: "PUT",
    path: `/fhir/${type}/${id}`,
    body: observationWith(mark, patientId, random.pick(CODES), id),
    ifMatch: isStale ? before - 1 : before,
    key: worker.nextKey(),
  };
  await change(worker, record, request, (answer) => {
    if (isStale) {
      if (answer.status !== 412) own.violations.push(`a stale update of ${type}/${id} was answered ${answer.status}`);
      return;
    }
    if (answer.status !== 200)
      return void own.violations.push(`an update of ${type}/${id} was answered ${answer.status}`);
    const version = Number(parse<Resource>(answer).meta?.versionId);
    if (version !== before + 1) own.violations.push(`${type}/${id} went from ${before} to ${version}`);
    own.acknowledge(`${type}/${id}`, { type, id, patientId, version, mark }, answer.isReplay);
  });
}

async function remove(worker: Worker): Promise<void> {
  const { own } = worker;
  const record = pickFree(worker);
  if (record === undefined) return createObservation(worker);
  const { type, id, patientId, version } = record;
  const path = `/fhir/${type}/${id}`;
  const request: SoakRequest = { method: "DELETE", path, ifMatch: version, key: worker.nextKey() };
  await change(worker, record, request, (answer) => {
    if (answer.status !== 204)
      return void own.violations.push(`a delete of ${type}/${id} was answered ${answer.status}`);
    const deleted = { type, id, patientId, version: version + 1, mark: undefined };
    own.acknowledge(`${type}/${id}`, deleted, answer.isReplay);
  });
}

async function transaction(worker: Worker): Promise<void> {
  const { own, random } = worker;
  const mark = own.nextMark();
  const urn = "urn:uuid:00000000-0000-4000-8000-000000000001";
  const observation = { ...observationWith(mark, "", random.pick(CODES)), subject: { reference: urn } };
  const entry = [
    { fullUrl: urn, resource: patientWith(mark), request: { method: "POST", url: "Patient" } },
    ...[1, 2, 3].map(() => ({ resource: observation, request: { method: "POST", url: "Observation" } })),
  ];
  const body = { resourceType: "Bundle", type: "transaction", entry };
  await write(worker, { method: "POST", path: "/fhir", body, key: worker.nextKey() }, (answer) => {
    if (answer.status !== 200) return void own.violations.push(`a transaction was answered ${answer.status}`);
    const written = parse<{ entry: { response: { location: string } }[] }>(answer).entry;
    for (const { response } of written) {
      const [type = "", id = "", , version] = response.location.split("/");
      const patientId = id.split(".")[0] ?? "";
      own.acknowledge(`${type}/${id}`, { type, id, patientId, version: Number(version), mark }, answer.isReplay);
      if (type === "Patient" && !own.patients.includes(id)) own.patients.push(id);
    }
  });
}

async function read({ client, own, random }: Worker): Promise<void> {
  const names = [...own.records.keys()];
  if (names.length === 0) return;
  const name = random.pick(names);
  const record = own.records.get(name);
  const wasBusy = record?.isBusy === true;
  const { version = 0, mark } = record ?? {};
  const answer = await client.send({ method: "GET", path: `/fhir/${name}` });
  if (answer === undefined) return;
  const isSame = record?.version === version && record.isBusy === wasBusy;
  if (answer.status === 200) {
    const seen = Number(parse<Resource>(answer).meta?.versionId);
    if (seen < version) own.violations.push(`${name} was read at ${seen} after ${version} was acknowledged`);
    if (isSame && !wasBusy && seen === version && mark !== undefined && !answer.text.includes(mark))
      own.violations.push(`${name}/${seen} does not hold what was acknowledged`);
  } else if (answer.status !== 410 || (isSame && !wasBusy && mark !== undefined)) {
    own.violations.push(`${name} was acknowledged and is answered ${answer.status}`);
  }
}

async function search({ client, own, random }: Worker): Promise<void> {
  if (own.patients.length === 0) return;
  const patientId = random.pick(own.patients);
  const path = random.chance(0.3)
    ? `/fhir/Patient/${patientId}/$everything`
    : `/fhir/Observation?patient=${patientId}&code=http://loinc.org|${random.pick(CODES)}`;
  const answer = await client.send({ method: "GET", path });
  if (answer !== undefined && answer.status !== 200) own.violations.push(`a search was answered ${answer.status}`);
}

/** Another clinic's ids, learned from its own answers, are unknown here whatever is tried with them. */
async function trespass({ client, own, other, random, nextKey }: Worker): Promise<void> {
  const names = [...other.records.keys()];
  if (names.length === 0) return;
  const name = random.pick(names);
  const [type = "", id = ""] = name.split("/");
  const patientId = id.split(".")[0] ?? "";
  const mark = own.nextMark();
  const attempts: readonly SoakRequest[] = [
    { method: "GET", path: `/fhir/${name}` },
    { method: "GET", path: `/fhir/${name}/_history/1` },
    { method: "GET", path: `/fhir/Patient/${patientId}/$everything` },
    { method: "GET", path: `/fhir/Observation?patient=${patientId}` },
    { method: "DELETE", path: `/fhir/${name}`, ifMatch: 1, key: nextKey() },
    {
      method: "PUT",
      path: `/fhir/Observation/${id}`,
      body: observationWith(mark, patientId, CODES[0], id),
      ifMatch: 1,
      key: nextKey(),
    },
    { method: "POST", path: "/fhir/Observation", body: observationWith(mark, patientId, CODES[0]), key: nextKey() },
  ];
  const request = random.pick(attempts);
  const answer = await client.send(request);
  if (answer === undefined) return;
  const isEmptySearch =
    answer.status === 200 && request.path.includes("?") && parse<{ total: number }>(answer).total === 0;
  if (![404, 412, 422].includes(answer.status) && !isEmptySearch)
    own.violations.push(`${request.method} with an id of another clinic (${type}) was answered ${answer.status}`);
}

const MIX: readonly (readonly [weight: number, operation: (worker: Worker) => Promise<void>])[] = [
  [2, createPatient],
  [6, createObservation],
  [5, update],
  [1, remove],
  [2, transaction],
  [6, read],
  [3, search],
  [2, trespass],
];
const TOTAL = MIX.reduce((sum, [weight]) => sum + weight, 0);

/** One operation of the mix. */
export function act(worker: Worker): Promise<void> {
  let drawn = worker.random.integer(1, TOTAL);
  for (const [weight, operation] of MIX) {
    drawn -= weight;
    if (drawn <= 0) return operation(worker);
  }
  return read(worker);
}
