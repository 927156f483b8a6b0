import { fetchContent } from "./content.ts";
import { isShowRequest, type ShowRequest, type ViewerEvent } from "./protocol.ts";

/** Shows the bytes below `place`, and gives how many pages there are. */
export type Show = (bytes: Uint8Array<ArrayBuffer>, request: ShowRequest, place: HTMLElement) => Promise<number>;

// Who frames this page is the portal and nobody else: its policy says so, and no other answer would be of use to anybody.
const tell = (event: ViewerEvent): void => globalThis.parent.postMessage(event, "*");

/** A file that is saved leaves the page as bytes under its own name, and is opened by nothing here. */
function save(bytes: Uint8Array<ArrayBuffer>, fileName: string): void {
  const address = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** One request a page: the portal says what is shown, and a new one gets a new page. */
export function serve(show: Show): void {
  let isTaken = false;
  globalThis.addEventListener("message", (message: MessageEvent<unknown>) => {
    if (isTaken || message.source !== globalThis.parent || !isShowRequest(message.data)) return;
    isTaken = true;
    const request = message.data;
    const place = document.querySelector("main");
    document.documentElement.lang = request.language;
    const work = async (): Promise<void> => {
      const bytes = await fetchContent(request.ticket);
      if (request.kind === "save") {
        save(bytes, request.fileName);
        tell({ kind: "saved" });
        return;
      }
      if (place === null) throw new Error("the page has a place for a document");
      tell({ kind: "shown", pages: await show(bytes, request, place) });
    };
    work().catch(() => tell({ kind: "failed" }));
  });
  tell({ kind: "ready" });
}
