import jbig2 from "pdfjs-dist/wasm/jbig2.wasm";
import openjpeg from "pdfjs-dist/wasm/openjpeg.wasm";
import qcms from "pdfjs-dist/wasm/qcms_bg.wasm";
import { getDocument, type PDFDocumentProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import * as worker from "pdfjs-dist/legacy/build/pdf.worker.mjs";
import { serve, type Show } from "./frame.ts";

// The page has no origin, and so no worker of its own: what would run there runs here, in a frame that does nothing else.
Object.assign(globalThis, { pdfjsWorker: worker });

const DECODERS: Readonly<Record<string, Uint8Array>> = {
  "jbig2.wasm": jbig2,
  "openjpeg.wasm": openjpeg,
  "qcms_bg.wasm": qcms,
};

/** Decoders of pictures come with the script: nothing is fetched while a file is looked at. */
class OwnData {
  async fetch({ filename }: { readonly filename: string }): Promise<Uint8Array> {
    const found = DECODERS[filename];
    if (found === undefined) throw new Error("there is no such part");
    return Promise.resolve(new Uint8Array(found));
  }
}

/** Wide enough to be read, and no more than a canvas may have. */
const WIDTH_MAX = 1_600;
const PAGES_MAX = 500;

async function draw(document_: PDFDocumentProxy, number: number, label: string, place: HTMLElement): Promise<void> {
  const page = await document_.getPage(number);
  const unscaled = page.getViewport({ scale: 1 });
  const width = Math.min(place.clientWidth * globalThis.devicePixelRatio, WIDTH_MAX);
  const viewport = page.getViewport({ scale: width / unscaled.width });
  const canvas = document.createElement("canvas");
  canvas.width = Math.floor(viewport.width);
  canvas.height = Math.floor(viewport.height);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  const section = document.createElement("section");
  section.append(canvas);
  place.append(section);
  // No annotation, form or script of the file: what is painted on the page, and nothing that acts.
  await page.render({ canvas, viewport, annotationMode: 0 }).promise;
  const { items } = await page.getTextContent();
  const words = document.createElement("p");
  words.className = "words";
  words.textContent = items.map((item) => ("str" in item ? item.str : "")).join(" ");
  section.append(words);
}

/** Each page as a picture, with its words beside it for whoever does not see it. */
const show: Show = async (bytes, { pageLabel }, place) => {
  const loaded = await getDocument({
    data: bytes,
    BinaryDataFactory: OwnData,
    wasmUrl: "./",
    useWorkerFetch: false,
    useSystemFonts: true,
    enableXfa: false,
    stopAtErrors: false,
    verbosity: 0,
  }).promise;
  const pages = Math.min(loaded.numPages, PAGES_MAX);
  const labelOf = (page: number): string =>
    pageLabel.replace("{page}", String(page)).replace("{pages}", String(loaded.numPages));
  await draw(loaded, 1, labelOf(1), place);
  void (async () => {
    for (let page = 2; page <= pages; page += 1) await draw(loaded, page, labelOf(page), place);
  })().catch(() => undefined);
  return loaded.numPages;
};

serve(show);
