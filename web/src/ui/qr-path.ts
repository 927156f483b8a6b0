import encodeQR from "qr";

/** The quiet zone that a reader needs on each side, in modules. Source: ISO/IEC 18004, 5.3.8. */
const QUIET = 4;

export interface QrPath {
  /** Width and height in modules, the quiet zone included. */
  readonly size: number;
  /** An SVG path over the dark modules: one run of a row after the other. */
  readonly path: string;
}

/** A QR code with 15% of error correction. Throws for a text of more than 2,331 bytes. */
export function qrPath(text: string): QrPath {
  const rows = encodeQR(text, "raw", { ecc: "medium", border: QUIET });
  const runs = rows.flatMap((row, y) =>
    row.flatMap((isDark, x) => {
      if (!isDark || row[x - 1] === true) return [];
      const end = row.indexOf(false, x);
      const width = (end === -1 ? row.length : end) - x;
      return [`M${x} ${y}h${width}v1h-${width}z`];
    }),
  );
  return { size: rows.length, path: runs.join("") };
}
