import {
  convertCssVariables,
  deepMerge,
  DEFAULT_THEME,
  defaultCssVariablesResolver,
  mergeMantineTheme,
} from "@mantine/core";
import type { Plugin } from "vite";
import { theme } from "../src/styles/theme.ts";
import { variables } from "../src/styles/variables.ts";

const ID = "virtual:theme.css";

/** Palettes that nothing of ours shows: sixteen variables each, twice. */
const UNUSED = /^--mantine-color-(pink|grape|violet|indigo|cyan|teal|lime|yellow|orange|blue|green)-/;

const kept = (all: Readonly<Record<string, string>>): Record<`--${string}`, string> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => !UNUSED.test(name)));

/**
 * Mantine's variables as a static sheet. The library would write them into a `<style>` element, which
 * `style-src 'self'` refuses.
 */
export function themeSheet(): Plugin {
  const resolved = deepMerge(defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme)), variables);
  const { variables: shared, light, dark } = resolved;
  const css = convertCssVariables({ variables: kept(shared), light: kept(light), dark: kept(dark) }, ":root");
  return {
    name: "keyward:theme",
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    load: (id) => (id === `\0${ID}` ? css : undefined),
  };
}
