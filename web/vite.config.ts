import path from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { routeTable } from "./build/routes.ts";
import { withoutSchemas } from "./build/schemas.ts";
import { themeSheet } from "./build/theme.ts";

const root = import.meta.dirname;
/** The catalogue's pages are built for tests and never stand beside the portal. */
const hasStories = process.env["KEYWARD_STORIES"] === "1";

export default defineConfig({
  root,
  base: "/app/",
  plugins: [react(), withoutSchemas(), routeTable(), themeSheet()],
  build: {
    outDir: path.join(root, hasStories ? "dist-stories" : "dist"),
    emptyOutDir: true,
    target: "es2022",
    sourcemap: false,
    // A data: address is outside of the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      // Files of core only declare: one of which nothing is used, as a schema beside a list of names, is left out.
      treeshake: { moduleSideEffects: [{ test: /[\\/]core[\\/]/, sideEffects: false }] },
      // Of the thousands of icons in their one file, only those that are named are read.
      experimental: { lazyBarrel: true },
      input: path.join(root, hasStories ? "stories.html" : "index.html"),
    },
  },
});
