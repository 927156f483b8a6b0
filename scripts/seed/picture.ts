import { crc32, deflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** PNG, third edition, 5.3: length, type, data, and the check over the last two. */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A picture of a few colours. @param colourAt A place in `palette` for each dot, from the upper left corner. */
function png(
  width: number,
  height: number,
  palette: readonly (readonly [number, number, number])[],
  colourAt: (x: number, y: number) => number,
): Uint8Array {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // Eight bits a dot, by palette; deflate, no filter, not interlaced.
  head.set([8, 3, 0, 0, 0], 8);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = colourAt(x, y);
  return new Uint8Array(
    Buffer.concat([
      SIGNATURE,
      chunk("IHDR", head),
      chunk("PLTE", Buffer.from(palette.flat())),
      chunk("IDAT", deflateSync(rows)),
      chunk("IEND", Buffer.alloc(0)),
    ]),
  );
}

/** The waves of one heartbeat: where in it, how wide, how high, as parts of a beat and millivolts. */
const WAVES = [
  [0.2, 0.025, 0.15],
  [0.34, 0.008, -0.12],
  [0.37, 0.01, 1.1],
  [0.4, 0.009, -0.25],
  [0.62, 0.045, 0.32],
] as const;

const millivolts = (beat: number): number =>
  WAVES.reduce((sum, [at, width, height]) => sum + height * Math.exp(-(((beat - at) / width) ** 2) / 2), 0);

const PAPER = [
  [255, 252, 248],
  [248, 214, 208],
  [232, 160, 150],
  [32, 32, 40],
] as const;
const [SMALL, LARGE] = [8, 40];

/** A strip of an electrocardiogram at a heart rate, on its paper of small and large squares: five seconds, 25 mm a second. */
export function ecgStrip(beatsPerMinute: number): Uint8Array {
  const [width, height, middle] = [1000, 320, 200];
  const perBeat = (60 / beatsPerMinute) * 5 * LARGE;
  const trace = Array.from({ length: width + 1 }, (_none, x) =>
    Math.round(middle - millivolts((x % perBeat) / perBeat) * 2 * LARGE),
  );
  return png(width, height, PAPER, (x, y) => {
    const [from = 0, to = 0] = [trace[x], trace[x + 1]];
    if (y >= Math.min(from, to) - 1 && y <= Math.max(from, to) + 1) return 3;
    if (x % LARGE === 0 || y % LARGE === 0) return 2;
    return x % SMALL === 0 || y % SMALL === 0 ? 1 : 0;
  });
}
