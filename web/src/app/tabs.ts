/** What one tab tells the others: that a sign-in is over, or belongs to another clinic now. Ids alone. */
export type TabNews =
  | { readonly kind: "signed-out"; readonly tag: string }
  | { readonly kind: "signed-in"; readonly tag: string; readonly userId: string; readonly tenantId: string };

const NAME = "keyward";
let channel: BroadcastChannel | undefined;

const opened = (): BroadcastChannel => (channel ??= new BroadcastChannel(NAME));

export const tellTabs = (news: TabNews): void => opened().postMessage(news);

const isNews = (value: unknown): value is TabNews =>
  typeof value === "object" &&
  value !== null &&
  "kind" in value &&
  "tag" in value &&
  (value.kind === "signed-out" || value.kind === "signed-in") &&
  typeof value.tag === "string";

/** Hears the other tabs of this browser. Gives what stops it. */
export function hearTabs(onNews: (news: TabNews) => void): () => void {
  const listen = ({ data }: MessageEvent<unknown>): void => {
    if (isNews(data)) onNews(data);
  };
  const known = opened();
  known.addEventListener("message", listen);
  return () => known.removeEventListener("message", listen);
}
