import { useCallback, useRef, useState } from "react";
import type { DocumentView, UploadView } from "../../../../core/contract/document.ts";
import { type BodyOf, call, Problem } from "../../api/client.ts";
import { useRefresh } from "../../api/hooks.ts";

/** How far an upload is. `stopped`: what has arrived stays, and it goes on from there. */
export type UploadState =
  | { readonly kind: "idle" }
  | { readonly kind: "sending"; readonly done: number }
  | { readonly kind: "checking" }
  | { readonly kind: "stopped"; readonly problem: Problem; readonly begun: Begun | undefined };

/** What has begun and can go on: the file, and where it is on the server. */
interface Begun {
  readonly file: File;
  readonly upload: UploadView;
}

/** A part of a file in base64, as the browser itself writes it. */
const base64Of = (part: Blob): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    const fail = (): void => reject(new Problem({ kind: "invalid", status: 0, rule: "document-size" }));
    reader.onload = () => (typeof reader.result === "string" ? resolve(reader.result.replace(/^[^,]*,/, "")) : fail());
    reader.onerror = fail;
    reader.readAsDataURL(part);
  });

const problemIn = (thrown: unknown): Problem =>
  thrown instanceof Problem ? thrown : new Problem({ kind: "exception", status: 0 });

/** Sends a file in parts, files it and has it looked at. Stopped, it goes on from the part that the server names. */
export function useUpload(onFiled: (document: DocumentView) => void) {
  const refresh = useRefresh();
  const [state, setState] = useState<UploadState>({ kind: "idle" });
  const under = useRef<AbortController | undefined>(undefined);

  const send = useCallback(async (file: File, upload: UploadView, signal: AbortSignal): Promise<DocumentView> => {
    let { received } = upload;
    for (; received < upload.parts; received += 1) {
      setState({ kind: "sending", done: received / upload.parts });
      const from = received * upload.partBytes;
      const data = await base64Of(file.slice(from, from + upload.partBytes));
      await call("sendPart", { path: { id: upload.id, part: String(received) }, body: { data }, signal });
    }
    setState({ kind: "checking" });
    const filed = await call("commitUpload", { path: { id: upload.id }, signal });
    // It is filed whether or not it can be looked at this moment: the list offers that again.
    return call("checkDocument", { path: { id: filed.id }, signal }).catch(() => filed);
  }, []);

  const run = useCallback(
    async (file: File, begin: (signal: AbortSignal) => Promise<UploadView>): Promise<boolean> => {
      const control = new AbortController();
      under.current = control;
      setState({ kind: "sending", done: 0 });
      let begun: Begun | undefined;
      try {
        const upload = await begin(control.signal);
        begun = { file, upload };
        const document = await send(file, upload, control.signal);
        setState({ kind: "idle" });
        onFiled(document);
        void refresh(["listDocuments", "readDocument"]);
        return true;
      } catch (thrown) {
        if (control.signal.aborted) setState({ kind: "idle" });
        else setState({ kind: "stopped", problem: problemIn(thrown), begun });
        return false;
      }
    },
    [send, onFiled, refresh],
  );

  return {
    state,
    /** Begins anew. Gives whether it was filed. */
    start: (file: File, body: BodyOf<"beginUpload">) => run(file, (signal) => call("beginUpload", { body, signal })),
    /** Goes on with what was stopped, from the part that the server names. */
    resume: ({ file, upload }: Begun) => run(file, (signal) => call("readUpload", { path: { id: upload.id }, signal })),
    cancel: () => {
      under.current?.abort(new DOMException("cancelled", "AbortError"));
      setState({ kind: "idle" });
    },
  };
}
