import { it } from "vitest";
import { startWorld, canaryPatient, canaryObservation } from "./world.ts";
import { fileEveryType } from "./http/charts.ts";
it("x", async () => {
  const w = await startWorld({ throttle: { ratePerSecond: 1000, burst: 1000 } });
  const log = (name: string, r: any) =>
    console.log(name, r.status, r.text.slice(0, 300), r.headers.get("idempotency-replayed") ?? "");
  try {
    const map = await fileEveryType(w.a.importer, w.a.canary);
    console.log(map.size, map.get("Patient"), map.get("Observation"), map.get("Claim"));
    const pid = map.get("Patient")!.id;
    log("read obs", await w.a.doc.send("GET", `/fhir/Observation/${map.get("Observation")!.id}`));
    for (let i = 0; i < 3; i++) await w.a.doc.send("POST", "/fhir/Observation", { body: canaryObservation(w.a, pid) });
    log("paged search", await w.a.doc.send("GET", `/fhir/Observation?patient=${pid}&_count=1`));
    log("paged claim search bill", await w.a.bill.send("GET", `/fhir/Claim?patient=${pid}&_count=1`));
    for (let i = 0; i < 2; i++) await w.a.doc.send("POST", "/fhir/Patient", { body: canaryPatient(w.a) });
    log("paged patient", await w.a.doc.send("GET", `/fhir/Patient?_count=1`));
    log(
      "put own id",
      await w.a.doc.send("PUT", `/fhir/Observation/my-own-id`, {
        headers: { "if-none-match": "*" },
        body: { ...canaryObservation(w.a, pid), id: "my-own-id" },
      }),
    );
    log("read own id", await w.a.doc.send("GET", `/fhir/Observation/my-own-id`));
    log("include", await w.a.doc.send("GET", `/fhir/Observation?patient=${pid}&_include=Observation:subject&_count=1`));
    log("hist", await w.a.doc.send("GET", `/fhir/Observation/${map.get("Observation")!.id}/_history`));
    log(
      "put no ifmatch",
      await w.a.doc.send("PUT", `/fhir/Observation/my-own-id`, {
        body: { ...canaryObservation(w.a, pid), id: "my-own-id" },
      }),
    );
    log("delete no ifmatch", await w.a.doc.send("DELETE", `/fhir/Observation/my-own-id`));
    log(
      "tx with get",
      await w.a.doc.send("POST", `/fhir`, {
        body: {
          resourceType: "Bundle",
          type: "transaction",
          entry: [
            { resource: canaryPatient(w.a), request: { method: "POST", url: "Patient" } },
            { request: { method: "GET", url: "Patient/nope" } },
          ],
        },
      }),
    );
    log(
      "batch",
      await w.a.doc.send("POST", `/fhir`, {
        body: {
          resourceType: "Bundle",
          type: "batch",
          entry: [
            { resource: canaryPatient(w.a), request: { method: "POST", url: "Patient" } },
            { request: { method: "GET", url: "Patient/nope" } },
            { request: { method: "GET", url: "Patient/nope/_history" } },
            { request: { method: "GET", url: "Patient?name=x" } },
          ],
        },
      }),
    );
    log("big batch key", await w.a.doc.send("GET", `/fhir/Patient/..`));
    log(
      "users dup",
      await w.operator.send("POST", `/platform/tenants/${w.a.tenantId}/users`, {
        headers: { "idempotency-key": "samesame1" },
        body: { login: "a.physician", displayName: "x", roles: ["nurse"], password: "correct horse battery" },
      }),
    );
    log(
      "users dup again",
      await w.operator.send("POST", `/platform/tenants/${w.a.tenantId}/users`, {
        headers: { "idempotency-key": "samesame1" },
        body: { login: "a.physician", displayName: "x", roles: ["nurse"], password: "correct horse battery" },
      }),
    );
    const rev = await fetch(w.stack.endpoint + "/oauth2/revoke", {
      method: "POST",
      body: new URLSearchParams({ token: w.a.desk.token, client_id: "keyward-cli" }),
    });
    console.log("revoke", rev.status, await rev.text());
    const signout = await w.a.importer.send("POST", "/session/sign-out", { body: {} });
    log("client signout", signout);
    console.log(
      JSON.parse(Buffer.from(w.a.doc.token.split(".")[1]!, "base64url").toString()),
      Buffer.from(w.a.doc.token.split(".")[0]!, "base64url").toString(),
    );
  } finally {
    await w.close();
  }
}, 200000);
