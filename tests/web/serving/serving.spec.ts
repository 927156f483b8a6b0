import http from "node:http";
import { commonHeaders, portalHeaders } from "../../../core/contract/portal-headers.ts";
import { documentsOriginOf } from "../../../scripts/local/edge/index.ts";
import { routeNames, routes } from "../../../core/contract/index.ts";
import { expect, type Portal, test } from "../portal.ts";

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** One request as it is: no client normalises its path or sets its headers. */
function ask(
  portal: Portal,
  target: string,
  headers: Readonly<Record<string, string>> = {},
  method = "GET",
): Promise<Got> {
  const { port } = new URL(portal.origin);
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: "127.0.0.1", port, path: target, method, headers: { host: `localhost:${port}`, ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    request.on("error", reject);
    request.end();
  });
}

/** What Node's server says of the connection and of its own. */
const NODES = new Set(["date", "connection", "keep-alive", "content-length", "content-type"]);
const ours = ({ headers }: Got): Record<string, unknown> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !NODES.has(name)));
const cookieHeader = async (portal: Portal, who: "physician" | "nurse"): Promise<string> =>
  `__Host-sid=${await portal.cookieOf(await portal.person(who))}`;

test.describe("UIX-5 the portal's files", () => {
  test("carry exactly the headers of the contract, by either name of the server", async ({ portal }) => {
    const { endpoint } = portal.stage.stack;
    for (const host of [new URL(portal.origin).host, new URL(endpoint).host]) {
      const page = await ask(portal, "/app/", { host });
      expect(page.status).toBe(200);
      expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
      expect(ours(page)).toEqual(portalHeaders(documentsOriginOf(endpoint), "other"));
      const [script = ""] = /\/app\/assets\/[^"]+\.js/.exec(page.body) ?? [];
      const asset = await ask(portal, script, { host });
      expect(asset.status).toBe(200);
      expect(asset.headers["content-type"]).toBe("text/javascript; charset=utf-8");
      expect(ours(asset)).toEqual(portalHeaders(documentsOriginOf(endpoint), "hashed"));
    }
  });

  test("the page holds no script, style or address of another origin", async ({ portal }) => {
    const { body } = await ask(portal, "/app/");
    expect(body).not.toMatch(/<script(?![^>]*\ssrc=)/);
    expect(body).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:|data:|<base/i);
    expect(body).not.toMatch(/(?:src|href)="(?!\/app\/)/);
  });

  test("the bare address leads to the portal, and any screen to the one page", async ({ portal }) => {
    for (const path of ["/", "/app"]) {
      const found = await ask(portal, path);
      expect([found.status, found.headers["location"], found.headers["cache-control"]]).toEqual([
        302,
        "/app/",
        "no-store",
      ]);
    }
    const { body } = await ask(portal, "/app/");
    for (const path of [
      "/app/board",
      "/app/notes/01m81a0da64kbfa0r1krjwtsnf.01m81a0qtn8jw7c51rvs8t0ztr?tab=notes",
      "/app/no/such/screen",
    ])
      expect((await ask(portal, path)).body).toBe(body);
    const head = await ask(portal, "/app/board", {}, "HEAD");
    expect([head.status, head.body]).toEqual([200, ""]);
  });

  test("AT-49 no path leads out of them", async ({ portal }) => {
    const paths = [
      "/app/../package.json",
      "/app/..%2fpackage.json",
      "/app/%2e%2e/%2e%2e/package.json",
      "/app/..%5c..%5cpackage.json",
      "/app/assets/../../../package.json",
      "/app//etc/passwd.txt",
      "/app/index.html%00.js",
      "/app/.vite/manifest.json",
      "/app/package.json",
      "/app/assets/",
    ];
    const page = (await ask(portal, "/app/")).body;
    for (const path of paths) {
      const got = await ask(portal, path);
      expect(got.body === page || got.body === "" || got.status >= 400, path).toBe(true);
      expect(got.body).not.toContain("keyward-lock");
      expect(got.body).not.toContain('"devDependencies"');
    }
    expect((await ask(portal, "/app/demo.json")).status).toBe(404);
  });

  test("nothing is written to them, and another Host is refused", async ({ portal }) => {
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
      expect((await ask(portal, "/app/", {}, method)).status).toBe(403);
    for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.2"]) {
      const got = await ask(portal, "/app/", { host });
      expect(got.status).toBeGreaterThanOrEqual(400);
      expect(got.body).toBe("");
    }
  });
});

test.describe("AT-46 no cache holds a chart", () => {
  test("every answer of the API says no-store, whoever asks, and lets no other origin read it", async ({ portal }) => {
    test.slow();
    const id = "01m81a0da64kbfa0r1krjwtsnf";
    const cookie = await cookieHeader(portal, "physician");
    const asked = routeNames.flatMap((name) => {
      const { method, path, authentication } = routes[name];
      const target = path.replace("{type}", "Patient").replaceAll(/\{[^}]+\}/g, id);
      const shown = method === "GET" ? [{}, { cookie, "sec-fetch-site": "same-origin" }] : [{}];
      return shown.map((headers) => ({ method, target, headers, isOauth: authentication === "oauth" }));
    });
    // And a path that no function answers.
    asked.push({ method: "GET", target: "/clinic/none", headers: {}, isOauth: false });
    for (let at = 0; at < asked.length; at += 10) {
      await Promise.all(
        asked.slice(at, at + 10).map(async ({ method, target, headers, isOauth }) => {
          const got = await ask(portal, target, headers, method);
          expect(got.headers["cache-control"], `${method} ${target}`).toBe("no-store");
          // What OAuth publishes is for the apps of others; it answers no cookie.
          if (!isOauth) expect(got.headers["access-control-allow-origin"], target).toBeUndefined();
          expect(got.headers["access-control-allow-credentials"], target).toBeUndefined();
          for (const [header, value] of Object.entries(commonHeaders)) expect(got.headers[header]).toBe(value);
        }),
      );
    }
  });

  test("a chart's address with the ending of a style sheet is another address, and is kept by nobody", async ({
    portal,
  }) => {
    const { id, canary } = await portal.patient();
    const cookie = await cookieHeader(portal, "physician");
    const read = { cookie, "sec-fetch-site": "same-origin", "x-purpose-of-use": "TREAT" };
    expect((await ask(portal, `/fhir/Patient/${id}`, read)).body).toContain(canary);
    for (const path of [
      `/fhir/Patient/${id}.css`,
      `/fhir/Patient/${id}/x.css`,
      `/fhir/Patient/${id};.css`,
      `/fhir/Patient/${id}%2fx.js`,
      `/app/assets/..%2f..%2ffhir/Patient/${id}`,
      `/app/../fhir/Patient/${id}`,
      `/app/patients/${id}.css`,
    ]) {
      const got = await ask(portal, path, read);
      expect(got.body, path).not.toContain(canary);
      expect(String(got.headers["cache-control"] ?? "no-store"), path).not.toMatch(/public|max-age=[1-9]/);
    }
  });

  test("the same address answers each by her own session", async ({ portal }) => {
    const { id, canary } = await portal.patient();
    const other = await portal.clinic("Riverside Clinic");
    const target = `/fhir/Patient/${id}`;
    const own = await portal.as("physician").send("GET", target, { purpose: "TREAT" });
    expect(own.text).toContain(canary);
    const foreign = await other.as("physician").send("GET", target, { purpose: "TREAT" });
    expect([foreign.status, foreign.text.includes(canary)]).toEqual([404, false]);
    const nobody = await ask(portal, target);
    expect([nobody.status, nobody.body.includes(canary)]).toEqual([401, false]);
  });

  test("headers of a proxy change nothing that is answered", async ({ portal }) => {
    const plain = await ask(portal, "/.well-known/openid-configuration");
    const poison = {
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "http",
      "x-forwarded-for": "6.6.6.6",
      "x-original-url": "/platform/tenants",
      "x-rewrite-url": "/platform/tenants",
      forwarded: "host=evil.example",
    };
    for (const target of ["/.well-known/openid-configuration", "/app/", "/health"]) {
      const got = await ask(portal, target, poison);
      expect(got.body).not.toContain("evil.example");
      expect(JSON.stringify(got.headers)).not.toContain("evil.example");
    }
    expect((await ask(portal, "/.well-known/openid-configuration", poison)).body).toBe(plain.body);
  });

  test("AUD-1 nobody says of herself through which door or from where she came", async ({ portal }) => {
    const cookie = await cookieHeader(portal, "nurse");
    const claims = { "x-edge-secret": "guess", "x-viewer-address": "6.6.6.6" };
    const got = await ask(portal, "/session", { cookie, "sec-fetch-site": "same-origin", ...claims });
    expect(got.status).toBe(200);
    const logs = JSON.stringify([...portal.stage.stack.logs().values()]);
    expect(logs).not.toContain("6.6.6.6");
  });

  test("files of the portal set no cookie and look at none", async ({ portal }) => {
    const cookie = await cookieHeader(portal, "nurse");
    for (const target of ["/app/", "/app/board", "/"]) {
      const [anonymous, known] = [await ask(portal, target), await ask(portal, target, { cookie })];
      expect(known.headers["set-cookie"]).toBeUndefined();
      expect(known.body).toBe(anonymous.body);
    }
  });
});
