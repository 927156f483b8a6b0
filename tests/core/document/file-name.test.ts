import { describe, expect, it } from "vitest";
import { attachmentDisposition, safeFileName } from "../../../core/document/file-name.ts";

describe("AT-43 UIX-10 names of files", () => {
  it.each([
    ["referral.pdf", "referral.pdf"],
    ["Überweisung Müller.PDF", "Überweisung Müller.pdf"],
    ["informe.pdf.exe", "informe_pdf_exe.pdf"],
    ["scan.2026.11.22.pdf", "scan_2026_11_22.pdf"],
    ["../../etc/passwd", "passwd.pdf"],
    ["..\\..\\windows\\system32\\cmd.exe", "cmd_exe.pdf"],
    ["/absolute/letter.pdf", "letter.pdf"],
    ["letter\u202Efdp.exe", "letterfdp_exe.pdf"],
    ["let\u200Bter\u2066.pdf\u2069", "letter.pdf"],
    ["letter\u0000.exe.pdf", "letter_exe.pdf"],
    ["line\r\nContent-Type: text/html.pdf", "html.pdf"],
    ['quote".pdf', "quote.pdf"],
    ["<img src=x onerror=alert(1)>.pdf", "img src_x onerror_alert(1).pdf"],
    ["=cmd|' /C calc'!A0.pdf", "C calc_!A0.pdf"],
    ["CON.pdf", "document.pdf"],
    ["lpt1", "document.pdf"],
    ["...", "document.pdf"],
    ["", "document.pdf"],
    [".pdf", "document.pdf"],
    ["   .pdf  ", "pdf.pdf"],
    ["\uD800.pdf", "�.pdf"],
    [`${"a".repeat(300)}.pdf`, `${"a".repeat(80)}.pdf`],
    ["👩‍⚕️ notes.pdf", "👩⚕ notes.pdf"],
  ])("%j is kept as %j", (given, kept) => {
    expect(safeFileName(given, "application/pdf")).toBe(kept);
  });

  it("an ending is the type's own, and no other is left", () => {
    expect(safeFileName("photo.jpeg", "image/jpeg")).toBe("photo.jpg");
    expect(safeFileName("page.html", "text/plain")).toBe("page_html.txt");
    expect(safeFileName("vector.svg", "image/png")).toBe("vector_svg.png");
  });

  it("AT-43 a disposition is one header of ASCII, always an attachment, with the whole name beside it", () => {
    expect(attachmentDisposition("Überweisung Müller's (2).pdf")).toBe(
      "attachment; filename=\"Uberweisung Muller_s _2_.pdf\"; filename*=UTF-8''%C3%9Cberweisung%20M%C3%BCller%27s%20%282%29.pdf",
    );
    const hostile = ['a"; filename="b.html', "a\r\nset-cookie: x=1", "a\u202Eb", "x;y=z"].map((name) =>
      attachmentDisposition(safeFileName(name, "text/plain")),
    );
    for (const header of hostile) {
      expect(header).toMatch(/^attachment; filename="[A-Za-z0-9 ._-]+"; filename\*=UTF-8''[A-Za-z0-9%!#$&+.^_`|~-]+$/);
    }
  });
});
