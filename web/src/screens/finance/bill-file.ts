/** A file as the body of an upload has it. */
export interface PackedBill {
  readonly base64: string;
  readonly sizeBytes: number;
}

export const isBillName = (name: string): boolean => /\.csv(\.gz)?$/i.test(name);

/** Reads a file and says how far it is. 0 to 1. */
function bytesOf(blob: Blob, onProgress: (done: number) => void): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("progress", ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total));
    reader.addEventListener("load", () => {
      if (reader.result instanceof ArrayBuffer) resolve(reader.result);
    });
    reader.addEventListener("error", () => reject(reader.error ?? new Error("the file could not be read")));
    reader.readAsArrayBuffer(blob);
  });
}

function base64Of(bytes: Uint8Array): string {
  const parts: string[] = [];
  // A call takes so many arguments and no more.
  for (let start = 0; start < bytes.length; start += 32_768)
    parts.push(String.fromCharCode(...bytes.subarray(start, start + 32_768)));
  return btoa(parts.join(""));
}

/** Packed with gzip where it is not: an export of AWS shrinks to a tenth, and the server unpacks it. */
export async function packBill(file: File, onRead: (done: number) => void, onPack: () => void): Promise<PackedBill> {
  const bytes = await bytesOf(file, onRead);
  onPack();
  const isPacked = /\.gz$/i.test(file.name);
  const stream = new Blob([bytes]).stream();
  const packed = isPacked ? bytes : await new Response(stream.pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
  return { base64: base64Of(new Uint8Array(packed)), sizeBytes: packed.byteLength };
}
