import { randomBytes } from "node:crypto";
import { CliFailure, EXIT } from "./failure.ts";

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls the API with tokens that are renewed before they end. Network failures are retried; the key keeps it one effect. */
export class Api {
  readonly #publicUrl: string;
  readonly #getToken: () => Promise<string>;
  #token: { readonly value: string; readonly untilMs: number } | undefined;

  constructor(publicUrl: string, getToken: () => Promise<string>) {
    this.#publicUrl = publicUrl;
    this.#getToken = getToken;
  }

  async token(): Promise<string> {
    if (this.#token === undefined || this.#token.untilMs < Date.now()) {
      // Tokens live ten minutes; half of that leaves room for a slow request.
      this.#token = { value: await this.#getToken(), untilMs: Date.now() + 300_000 };
    }
    return this.#token.value;
  }

  async call(request: ApiRequest): Promise<ApiAnswer> {
    const isWrite = request.method !== "GET";
    const headers: Record<string, string> = {
      accept: "application/fhir+json, application/json",
      ...(request.body === undefined
        ? {}
        : { "content-type": request.path.startsWith("/fhir") ? "application/fhir+json" : "application/json" }),
      ...(isWrite ? { "idempotency-key": randomBytes(16).toString("hex") } : {}),
      ...request.headers,
    };
    for (let attempt = 0; ; attempt += 1) {
      const answer = await this.#send(request, headers);
      const isTransient = answer === undefined || answer.status === 429 || answer.status === 503;
      if (answer !== undefined && (!isTransient || attempt === 5)) return answer;
      if (attempt === 5)
        throw new CliFailure(`${this.#publicUrl} does not answer: is \`npm start\` running?`, EXIT.unreachable);
      const wait = Number(answer?.headers.get("retry-after") ?? 0) * 1000;
      await new Promise((resolve) => setTimeout(resolve, Math.max(wait, 250 * 2 ** attempt)));
    }
  }

  async #send(request: ApiRequest, headers: Readonly<Record<string, string>>): Promise<ApiAnswer | undefined> {
    const authorization = `Bearer ${await this.token()}`;
    try {
      const response = await fetch(`${this.#publicUrl}${request.path}`, {
        method: request.method,
        headers: { ...headers, authorization },
        ...(request.body === undefined
          ? {}
          : { body: typeof request.body === "string" ? request.body : JSON.stringify(request.body) }),
        signal: AbortSignal.timeout(60_000),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch {
      return undefined;
    }
  }

  /** The parsed body of a 2xx answer; any other is a CliFailure that says the API's own sentence. */
  async json<T>(request: ApiRequest): Promise<T> {
    const answer = await this.call(request);
    if (answer.status >= 200 && answer.status < 300) return JSON.parse(answer.text) as T;
    throw new CliFailure(`${request.method} ${request.path}: ${sentenceOf(answer)}`, EXIT.refused);
  }
}

/** What the API said, in one line: our problem details or an OperationOutcome's first issues. */
export function sentenceOf({ status, text }: Pick<ApiAnswer, "status" | "text">): string {
  try {
    const body = JSON.parse(text) as {
      title?: string;
      fields?: { path: string; rule: string }[];
      issue?: { diagnostics?: string; expression?: string[] }[];
    };
    const issues = body.issue?.map(({ diagnostics = "", expression = [] }) => [...expression, diagnostics].join(": "));
    const fields = body.fields?.map(({ path, rule }) => `${path}: ${rule}`);
    const sentence = [body.title, ...(fields ?? []), ...(issues ?? [])]
      .filter((part) => part !== undefined && part !== "")
      .slice(0, 5)
      .join("; ");
    return sentence === "" ? `status ${status}` : `${sentence} (status ${status})`;
  } catch {
    return `status ${status}`;
  }
}
