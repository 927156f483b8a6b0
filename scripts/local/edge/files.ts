import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { HASHED_FOLDER } from "../../../core/contract/portal-headers.ts";

export interface PortalFile {
  readonly bytes: Buffer;
  readonly contentType: string;
  /** Its name holds a hash of its content. */
  readonly isHashed: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/vnd.microsoft.icon",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
};

/** The type that a file of the portal is served with. Throws for an ending that the portal has none of. */
export function contentTypeOf(name: string): string {
  const type = TYPES[path.extname(name)];
  if (type === undefined) throw new Error(`the portal has a file of no known type: ${name}`);
  return type;
}

/**
 * Every file of a built portal by its path, `/app/index.html`, read once: what is served is what was there at the start,
 * and no request reaches the disk, so none can name a file beside these.
 * @throws Error where the folder holds no page.
 */
export function readPortal(folder: string): ReadonlyMap<string, PortalFile> {
  const files = new Map<string, PortalFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const name = `/app/${path.relative(folder, file).split(path.sep).join("/")}`;
    files.set(name, {
      bytes: readFileSync(file),
      contentType: contentTypeOf(name),
      isHashed: name.startsWith(HASHED_FOLDER),
    });
  }
  if (!files.has("/app/index.html")) throw new Error(`no portal is built in ${folder}`);
  return files;
}
