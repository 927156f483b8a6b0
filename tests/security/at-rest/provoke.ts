import { putPastIam, itemsOf } from "../aws.ts";
import { fileEveryType } from "../http/charts.ts";
import { canaryObservation, canaryPatient, type Clinic, type World } from "../world.ts";

/** One word for each way in which text comes to the stage, so that a hit tells the way. */
export const WAYS = [
  "query of a search",
  "body of a search",
  "id that is unknown",
  "patient of a search",
  "type that is unknown",
  "path that is unknown",
  "version that is none",
  "member name",
  "malformed JSON",
  "wrong content type",
  "invalid element",
  "narrative",
  "too large a body",
  "user agent",
  "idempotency key",
  "If-Match",
  "purpose",
  "cursor",
  "token",
  "cookie",
  "login",
  "password",
  "client assertion",
  "name of a bundle",
  "reference",
  "forwarded headers",
] as const;
export type Way = (typeof WAYS)[number];

/** Ways on which a caller's text is taken for a record's id: a name to look up, and not content. */
export const NAMING: ReadonlySet<Way> = new Set<Way>(["id that is unknown", "patient of a search", "reference"]);

const ID_OF = (word: string): string => word.toLowerCase();

/** A run as a clinic makes it: records of every type filed, one in `readEvery` of them read; found, changed, deleted. */
export async function happyRun(
  clinic: Clinic,
  readEvery = 1,
): Promise<{ readonly observationId: string; readonly statuses: number[] }> {
  const { doc, desk, bill, importer, canary } = clinic;
  const statuses: number[] = [];
  const send = async (...request: Parameters<typeof doc.send>) => {
    const answer = await doc.send(...request);
    statuses.push(answer.status);
    return answer;
  };
  const filed = await fileEveryType(importer, canary);
  const patient = await send("POST", "/fhir/Patient", { body: canaryPatient(clinic) });
  const patientId = String(patient.body["id"]);
  const observation = await send("POST", "/fhir/Observation", { body: canaryObservation(clinic, patientId) });
  const observationId = String(observation.body["id"]);
  const path = `/fhir/Observation/${observationId}`;
  await send("PUT", path, {
    body: canaryObservation(clinic, patientId, { id: observationId, valueString: `${canary}-second` }),
    headers: { "if-match": 'W/"1"' },
  });
  await send("GET", path);
  await send("GET", `${path}/_history`);
  await send("GET", `${path}/_history/1`);
  await send("GET", `/fhir/Patient/${patientId}/$everything`);
  await send("GET", `/fhir/Patient?family=${canary}-family`);
  await send("GET", `/fhir/Patient?identifier=urn:test:mrn|${canary}-mrn&_count=1`);
  await send("GET", `/fhir/Observation?patient=${patientId}&_sort=-date`);
  await send("POST", "/fhir/Patient/_search", {
    body: `family=${canary}-family&birthdate=1980-02-29`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  await send("POST", "/fhir", {
    body: {
      resourceType: "Bundle",
      type: "transaction",
      entry: [
        {
          fullUrl: "urn:uuid:7f0c1d0a-0000-4000-8000-000000000001",
          resource: canaryObservation(clinic, patientId),
          request: { method: "POST", url: "Observation" },
        },
      ],
    },
  });
  const doomed = await send("POST", "/fhir/Observation", { body: canaryObservation(clinic, patientId) });
  await send("DELETE", `/fhir/Observation/${String(doomed.body["id"])}`, { headers: { "if-match": 'W/"1"' } });
  for (const [index, { type, id }] of [...filed.values()].entries())
    if (index % readEvery === 0) await send("GET", `/fhir/${type}/${id}`);
  for (const other of [desk, bill]) {
    for (const type of ["Patient", "Observation", "Coverage"]) {
      const found = filed.get(type as "Patient");
      if (found !== undefined) statuses.push((await other.send("GET", `/fhir/${type}/${found.id}`)).status);
    }
  }
  return { observationId, statuses };
}

/** Everything that goes wrong, with a word of its own in each way that text comes in. */
export async function provoke(
  world: World,
  word: (way: Way) => string,
  observationId: string,
): Promise<ReadonlyMap<Way, number>> {
  const { a, stack } = world;
  const statuses = new Map<Way, number>();
  const { doc } = a;
  const send = async (way: Way, ...[method, path, options = {}]: Parameters<typeof doc.send>): Promise<void> => {
    statuses.set(way, (await doc.send(method, path, options)).status);
  };
  const patient = canaryPatient(a);
  await send(
    "query of a search",
    "GET",
    `/fhir/Patient?family=${word("query of a search")}&unknown=${word("query of a search")}`,
  );
  await send("body of a search", "POST", "/fhir/Patient/_search", {
    body: `given=${word("body of a search")}&_sort=${word("body of a search")}`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  await send("id that is unknown", "GET", `/fhir/Patient/${ID_OF(word("id that is unknown"))}`);
  await send("patient of a search", "GET", `/fhir/Observation?patient=${ID_OF(word("patient of a search"))}`);
  await send("type that is unknown", "GET", `/fhir/${word("type that is unknown")}/1`);
  await send("path that is unknown", "GET", `/${word("path that is unknown")}/${word("path that is unknown")}`);
  await send(
    "version that is none",
    "GET",
    `/fhir/Observation/${observationId}/_history/${word("version that is none")}`,
  );
  await send("member name", "POST", "/fhir/Patient", {
    body: { ...patient, [word("member name")]: word("member name") },
  });
  await send("malformed JSON", "POST", "/fhir/Patient", {
    body: `{"resourceType":"Patient","x":${word("malformed JSON")}`,
  });
  await send("wrong content type", "POST", "/fhir/Patient", {
    body: `<Patient>${word("wrong content type")}</Patient>`,
    headers: { "content-type": `application/fhir+xml; ${word("wrong content type")}` },
  });
  await send("invalid element", "POST", "/fhir/Patient", {
    body: { ...patient, gender: word("invalid element"), birthDate: word("invalid element") },
  });
  await send("narrative", "POST", "/fhir/Patient", {
    body: {
      ...patient,
      text: {
        status: "generated",
        div: `<div xmlns="http://www.w3.org/1999/xhtml"><script>${word("narrative")}</script></div>`,
      },
    },
  });
  await send("too large a body", "POST", "/fhir/Patient", {
    body: { ...patient, language: word("too large a body").repeat(220_000) },
  });
  await send("user agent", "GET", "/fhir/Patient?gender=female", {
    headers: { "user-agent": word("user agent"), referer: `https://example.org/${word("user agent")}` },
  });
  await send("idempotency key", "POST", "/fhir/Patient", {
    body: patient,
    headers: { "idempotency-key": word("idempotency key") },
  });
  await send("If-Match", "DELETE", `/fhir/Observation/${observationId}`, {
    headers: { "if-match": `"${word("If-Match")}"` },
  });
  await send("purpose", "GET", "/fhir/Patient?gender=female", { headers: { "x-purpose-of-use": word("purpose") } });
  await send("cursor", "GET", `/fhir/Patient?gender=female&_cursor=${word("cursor")}`);
  await send("reference", "POST", "/fhir/Observation", { body: canaryObservation(a, ID_OF(word("reference"))) });
  await send("name of a bundle", "POST", "/fhir", {
    body: {
      resourceType: "Bundle",
      type: "transaction",
      entry: [
        {
          fullUrl: `urn:uuid:${word("name of a bundle")}`,
          resource: patient,
          request: { method: "POST", url: "Patient", ifNoneExist: `identifier=${word("name of a bundle")}` },
        },
        { resource: patient, request: { method: "PUT", url: `Patient?identifier=${word("name of a bundle")}` } },
      ],
    },
  });
  await send("forwarded headers", "GET", "/fhir/Patient?gender=female", {
    headers: {
      "x-forwarded-host": word("forwarded headers"),
      "x-forwarded-for": word("forwarded headers"),
      "x-request-id": word("forwarded headers"),
      "x-tenant-id": word("forwarded headers"),
    },
  });

  const stranger = world.caller(`${doc.token.slice(0, -8)}${word("token")}`);
  statuses.set("token", (await stranger.send("GET", "/fhir/Patient?gender=female")).status);
  const bare = async (way: Way, path: string, init: RequestInit): Promise<void> => {
    statuses.set(way, (await fetch(`${stack.endpoint}${path}`, init)).status);
  };
  await bare("cookie", "/fhir/Patient?gender=female", {
    headers: { cookie: `__Host-sid=${word("cookie")}; other=${word("cookie")}` },
  });
  const signIn = (login: string, password: string): RequestInit => ({
    method: "POST",
    headers: { "content-type": "application/json", origin: stack.endpoint },
    body: JSON.stringify({ login, password, totp: "000000" }),
  });
  await bare("login", "/session/sign-in", signIn(word("login"), "a long enough password"));
  await bare("password", "/session/sign-in", signIn("a.physician", word("password")));
  await bare("client assertion", "/oauth2/token", {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      scope: `platform ${word("client assertion")}`,
      client_id: word("client assertion"),
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: `x.${word("client assertion")}.y`,
    }),
  });
  return statuses;
}

/** Faults below the API while charts are asked for: rows that do not open, keys, tables and roles that do not answer. */
export async function breakThings(world: World, observationId: string): Promise<Readonly<Record<string, number>>> {
  const { a, b, stack } = world;
  const [patientId = ""] = observationId.split(".");
  const pk = `T#${a.tenantId}#C#P#${patientId}`;
  const sk = `R#Observation#${observationId}`;
  const genuine = itemsOf(world, "data").find((item) => item["pk"]?.S === pk && item["sk"]?.S === sk);
  if (genuine === undefined) throw new Error("the observation has its row");
  await putPastIam(world, "data", { ...genuine, _t: { S: "Condition" } });
  const { status } = await a.doc.send("GET", `/fhir/Observation/${observationId}`);
  await putPastIam(world, "data", genuine);
  const statuses: Record<string, number> = { "a row that does not open": status };
  const filed = await b.doc.send("POST", "/fhir/Patient", { body: canaryPatient(b) });
  if (filed.status !== 201) throw new Error("B has a patient to look for");
  // A role that has asked for nothing yet has no credentials and no keys: each of these is called for it.
  for (const service of ["sts", "kms", "dynamodb"] as const) {
    stack.cloud.faults.setPlan({ seed: 1, rules: [{ kind: "server-error", service, probability: 1 }] });
    const search = await b.bill.send("GET", `/fhir/Patient?family=${b.canary}-family`);
    statuses[`${service} is down`] = search.status;
    stack.cloud.faults.setPlan();
  }
  return statuses;
}
