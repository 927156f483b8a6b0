import { useEffect, useEffectEvent, useRef } from "react";
import { isViewerEvent, type ShowRequest, type ViewerEvent } from "../../viewer/protocol.ts";
import { classes } from "./classes.ts";
import css from "./document-frame.module.css";

interface DocumentFrameProps {
  /** What is shown, for who hears the page. */
  readonly label: string;
  /** Which of the viewer's pages: PDFs bring a script of their own. */
  readonly page: "simple" | "pdf";
  /** Asked once the frame waits; undefined where there is nothing to show. */
  readonly ask: () => Promise<ShowRequest | undefined>;
  readonly onEvent: (event: Exclude<ViewerEvent, { readonly kind: "ready" }>) => void;
  /** Works without being seen, as it does to save a file. */
  readonly isHidden?: boolean;
}

/** The origin that patients' files are shown from; the portal's policy frames it and no other. */
const documentsOrigin = (): string => `${location.protocol}//documents.${location.host}`;

/**
 * A patient's file in a frame of no origin: what it holds reaches no session, no storage and no address of ours. The frame
 * is told a ticket and nothing else, and what it tells is one of a few words.
 */
export function DocumentFrame({ label, page, ask, onEvent, isHidden = false }: DocumentFrameProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const answer = useEffectEvent(async () => {
    const request = await ask();
    if (request === undefined) onEvent({ kind: "failed" });
    // A page without an origin has no name by which it could be addressed; nothing else may be framed.
    else frame.current?.contentWindow?.postMessage(request, "*");
  });
  const hear = useEffectEvent((message: MessageEvent<unknown>) => {
    const isOurs = message.source !== null && message.source === frame.current?.contentWindow;
    if (!isOurs || message.origin !== "null" || !isViewerEvent(message.data)) return;
    if (message.data.kind === "ready") void answer();
    else onEvent(message.data);
  });
  useEffect(() => {
    const listen = (message: MessageEvent<unknown>): void => hear(message);
    globalThis.addEventListener("message", listen);
    return () => globalThis.removeEventListener("message", listen);
  }, []);
  return (
    <iframe
      ref={frame}
      title={label}
      className={classes(css["frame"], isHidden && css["hidden"])}
      sandbox="allow-scripts allow-downloads"
      referrerPolicy="no-referrer"
      src={`${documentsOrigin()}/app/documents/${page}.html`}
      {...(isHidden && { tabIndex: -1, "aria-hidden": true })}
    />
  );
}
