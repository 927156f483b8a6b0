import type { MediaType } from "../contract/document.ts";
import { MEDIA_RULES } from "./media-types.ts";

/** Of a name without its ending, in characters. */
const STEM_MAX = 80;
const FALLBACK = "document";

/** Names that Windows gives to devices, with or without an ending. Microsoft Learn, "Naming Files, Paths, and Namespaces". */
const DEVICES = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])$/i;
/** Characters that turn what follows around, join it, or are not there to be seen. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** What some system takes for more than a letter of a name. */
const SPECIAL = /[<>:"/\\|?*%;&$`'{}[\]#^~=]/g;

/**
 * The name that a file is kept and saved under: what somebody's device called it, without path, control or bidirectional
 * characters, and with the one ending of what it is. An ending before that is none any more: `a.pdf.exe` is `a_pdf_exe.pdf`.
 */
export function safeFileName(given: string, type: MediaType): string {
  const last = given.toWellFormed().normalize("NFC").split(/[/\\]/).at(-1) ?? "";
  const seen = last
    .replace(UNSEEN, "")
    .replace(/\p{Zs}+/gu, " ")
    .replace(SPECIAL, "_");
  const { endings } = MEDIA_RULES[type];
  const own = endings.find((ending) => seen.toLowerCase().endsWith(ending));
  const stem = (own === undefined ? seen : seen.slice(0, -own.length))
    .replaceAll(".", "_")
    .replace(/^[\s_-]+|[\s_-]+$/g, "");
  // By code points: half of a pair is no character.
  const short = Array.from(stem).slice(0, STEM_MAX).join("").trim();
  const name = short === "" || DEVICES.test(short) ? FALLBACK : short;
  return name + (endings[0] ?? "");
}

/** RFC 8187 3.2.1, attr-char: everything else is percent-encoded. */
const encoded = (name: string): string =>
  encodeURIComponent(name).replace(/['()*!]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * Content-Disposition for a name of `safeFileName`: always an attachment, with the name in ASCII for who knows no more and
 * whole for everybody else. RFC 6266 4.3 and appendix D, RFC 8187 3.2.
 */
export function attachmentDisposition(name: string): string {
  const plain = name
    .normalize("NFKD")
    .replace(/\p{Mn}/gu, "")
    .replace(/[^A-Za-z0-9 ._-]/g, "_");
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded(name)}`;
}
