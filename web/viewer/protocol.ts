/** What the portal and the frame of a preview tell each other. Neither sends anything that the other would run. */

/** To the frame: what to show, and its words in the language of whoever looks. */
export interface ShowRequest {
  readonly kind: "show" | "save";
  readonly ticket: string;
  readonly mediaType: string;
  readonly fileName: string;
  readonly language: string;
  /** With `{page}` and `{pages}` in it. */
  readonly pageLabel: string;
  readonly imageLabel: string;
}

/** To the portal. `ready`: the frame waits for a ticket. */
export type ViewerEvent =
  | { readonly kind: "ready" }
  | { readonly kind: "shown"; readonly pages: number }
  | { readonly kind: "saved" }
  | { readonly kind: "failed" };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

export const isViewerEvent = (value: unknown): value is ViewerEvent =>
  isObject(value) && ["ready", "shown", "saved", "failed"].includes(String(value["kind"]));

const TEXTS = ["ticket", "mediaType", "fileName", "language", "pageLabel", "imageLabel"] as const;

export const isShowRequest = (value: unknown): value is ShowRequest =>
  isObject(value) &&
  (value["kind"] === "show" || value["kind"] === "save") &&
  TEXTS.every((name) => typeof value[name] === "string");
