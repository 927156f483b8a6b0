import type { Api } from "../cli/api.ts";

export interface SoakRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly ifMatch?: number;
  /** Of a write: the same for every time it is sent. */
  readonly key?: string;
}

export interface SoakAnswer {
  readonly status: number;
  readonly text: string;
  readonly isReplay: boolean;
}

const ATTEMPTS = 4;
const TIMEOUT_MS = 40_000;

/** What may have been done or not: the answer was lost, or said that a part was not available. */
const isUnclear = (answer: SoakAnswer | undefined): boolean =>
  answer === undefined || answer.status === 429 || answer.status >= 500;

/**
 * Sends as a careful caller does: again with the same key where the answer is lost or 5xx. `onAnswer` sees every answer
 * that came, those of failed attempts too. Undefined where no attempt had a clear answer.
 */
export class SoakClient {
  readonly #publicUrl: string;
  readonly #api: Api;
  readonly #onAnswer: (request: SoakRequest, answer: SoakAnswer) => void;
  #token = "";

  constructor(publicUrl: string, api: Api, onAnswer: (request: SoakRequest, answer: SoakAnswer) => void) {
    this.#publicUrl = publicUrl;
    this.#api = api;
    this.#onAnswer = onAnswer;
  }

  async send(request: SoakRequest): Promise<SoakAnswer | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt));
      const answer = await this.#attempt(request);
      if (answer !== undefined) this.#onAnswer(request, answer);
      if (!isUnclear(answer)) return answer;
    }
    return undefined;
  }

  /** A token that cannot be renewed in an outage is used as long as it lives. */
  async #bearer(): Promise<string> {
    try {
      this.#token = await this.#api.token();
    } catch (error) {
      if (this.#token === "") throw error;
    }
    return this.#token;
  }

  async #attempt({ method, path, body, ifMatch, key }: SoakRequest): Promise<SoakAnswer | undefined> {
    const headers: Record<string, string> = { authorization: `Bearer ${await this.#bearer()}` };
    if (body !== undefined) headers["content-type"] = "application/fhir+json";
    if (key !== undefined) headers["idempotency-key"] = key;
    if (ifMatch !== undefined) headers["if-match"] = `W/"${ifMatch}"`;
    try {
      const response = await fetch(this.#publicUrl + path, {
        method,
        headers,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const isReplay = response.headers.get("idempotency-replayed") !== null;
      return { status: response.status, text: await response.text(), isReplay };
    } catch {
      return undefined;
    }
  }
}
