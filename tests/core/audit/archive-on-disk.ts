import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { memoryArchive } from "./fixtures.ts";

/** An archive in memory as a folder, as an auditor has it; removed with `close`. */
export function onDisk(...archives: readonly ReturnType<typeof memoryArchive>[]) {
  const folder = mkdtempSync(path.join(tmpdir(), "keyward-audit-"));
  const put = (name: string, content: Uint8Array | string): string => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  for (const archive of archives) for (const [key, content] of archive.objects) put(`archive/${key}`, content);
  return {
    folder: path.join(folder, "archive"),
    root: folder,
    put,
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
