import decodeQR from "qr/decode.js";
import { expect, it } from "vitest";
import { qrPath } from "../../../web/src/ui/qr-path.ts";

const SCALE = 6;

/** The path as a reader's camera sees it: RGBA, six pixels a module. */
function rasterOf({ size, path }: ReturnType<typeof qrPath>) {
  const width = size * SCALE;
  const data = new Uint8Array(width * width * 4).fill(255);
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = Number(y) * SCALE; row < (Number(y) + 1) * SCALE; row += 1) {
      for (let column = Number(x) * SCALE; column < (Number(x) + Number(run)) * SCALE; column += 1)
        data.set([0, 0, 0], (row * width + column) * 4);
    }
  }
  return { width, height: width, data };
}

it.each([
  ["a key", "otpauth://totp/Keyward:ada%40clinic.example?issuer=Keyward&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"],
  ["a long one", `otpauth://totp/${"n".repeat(300)}?secret=${"A".repeat(100)}`],
])("CLIN-15 a reader reads %s from the drawn code, letter by letter", (_what, text) => {
  expect(decodeQR(rasterOf(qrPath(text)))).toBe(text);
});
