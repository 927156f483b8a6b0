import { QUERY_HASH_HEADER } from "../../core/contract/index.ts";
import type { Answer } from "../http/exchange.ts";
import type { ExportedFile } from "./exports.ts";

export const fileAnswer = ({ name, type, bytes, isPacked, queryHash }: ExportedFile): Answer => ({
  status: 200,
  headers: {
    "content-type": type,
    "content-disposition": `attachment; filename="${name}"`,
    [QUERY_HASH_HEADER]: queryHash,
    ...(isPacked ? { "content-encoding": "gzip" } : {}),
  },
  bytes,
});

export const languageOf = (text: string | null): "en" | "es" => (text === "es" ? "es" : "en");
