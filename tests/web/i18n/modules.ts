import { readdirSync } from "node:fs";
import path from "node:path";
import type { Messages } from "../../../web/src/i18n/messages.ts";

const source = path.resolve(import.meta.dirname, "../../../web/src");

export const isMessages = (value: unknown): value is Messages =>
  typeof value === "object" && value !== null && "en" in value && "es" in value;

export interface MessageModule {
  readonly file: string;
  readonly exported: Readonly<Record<string, unknown>>;
}

/** Every file of the portal that declares sentences. */
export const messageModules = (): Promise<readonly MessageModule[]> =>
  Promise.all(
    readdirSync(source, { recursive: true, encoding: "utf8" })
      .filter((file) => /(^|[/\\-])messages\.ts$/.test(file) && !file.startsWith("i18n"))
      .map(async (file) => ({ file, exported: (await import(path.join(source, file))) as Record<string, unknown> })),
  );
