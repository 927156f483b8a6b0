import vm from "node:vm";
import { VIEWER_REQUEST } from "../../../core/contract/portal-paths.ts";

/** What the function makes of a request: an answer of its own, or what the origin is asked for, with headers over its own. */
export type Viewed =
  | { readonly kind: "answer"; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: "forward"; readonly uri: string; readonly headers: Readonly<Record<string, string>> };

export interface ViewerRequest {
  readonly method: string;
  /** The path as it came, without its query. */
  readonly uri: string;
  /** Of whoever asks. */
  readonly ip: string;
  /** The Host header; the portal's where it is left out. */
  readonly host?: string;
}

type HeaderValues = Readonly<Record<string, { readonly value: string }>>;
interface FunctionResult {
  readonly uri?: string;
  readonly statusCode?: number;
  readonly headers?: HeaderValues;
}

const context = vm.createContext(Object.create(null) as object);
vm.runInContext(VIEWER_REQUEST, context);
const handler = (context as { readonly handler: (event: unknown) => FunctionResult }).handler;

const plain = (headers: HeaderValues = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, { value }]) => [name, value]));

/** Runs the stage's CloudFront function, as deployed. */
export function viewRequest({ method, uri, ip, host = "localhost" }: ViewerRequest): Viewed {
  const result = handler({ viewer: { ip }, request: { method, uri, headers: { host: { value: host } } } });
  // The Host that it was shown goes on as it came, if at all.
  const { host: _host, ...headers } = plain(result.headers);
  if (result.statusCode !== undefined) return { kind: "answer", status: result.statusCode, headers };
  return { kind: "forward", uri: result.uri ?? uri, headers };
}
