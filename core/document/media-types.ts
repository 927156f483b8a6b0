import type { MediaType, PreviewKind } from "../contract/document.ts";

interface MediaRule {
  /** What a file of the type is called, the first of them where a name is made. */
  readonly endings: readonly string[];
  readonly preview: PreviewKind;
  /** Other names under which devices send the type. */
  readonly also: readonly string[];
}

/** What a file may be, how it is called and how it is shown. Nothing that is not here is taken. */
export const MEDIA_RULES: Readonly<Record<MediaType, MediaRule>> = {
  "application/pdf": { endings: [".pdf"], preview: "pdf", also: ["application/x-pdf"] },
  "image/png": { endings: [".png"], preview: "image", also: [] },
  "image/jpeg": { endings: [".jpg", ".jpeg"], preview: "image", also: ["image/jpg", "image/pjpeg"] },
  // No browser shows it: it is kept as the fax that it came as, and saved.
  "image/tiff": { endings: [".tif", ".tiff"], preview: "none", also: [] },
  "text/plain": { endings: [".txt"], preview: "text", also: [] },
  // A C-CDA document, shown as the text that it is: a style sheet of its own could do anything.
  "application/xml": { endings: [".xml"], preview: "text", also: ["text/xml", "application/hl7-sda+xml"] },
};

const KNOWN = new Map<string, MediaType>(
  (Object.entries(MEDIA_RULES) as [MediaType, MediaRule][]).flatMap(([type, { also }]) =>
    [type, ...also].map((name): [string, MediaType] => [name, type]),
  ),
);

/** The type that somebody claims a file to be; undefined for one that is not taken. Parameters say nothing here. */
export const mediaTypeOf = (claimed: string): MediaType | undefined =>
  KNOWN.get((claimed.split(";")[0] ?? "").trim().toLowerCase());
