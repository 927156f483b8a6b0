import type { ConvertCSSVariablesInput } from "@mantine/core";

/** Mantine's own variables, taken from the tokens of `tokens.css`, which know light, dark and forced colours. */
export const variables: ConvertCSSVariablesInput = {
  variables: {
    "--mantine-color-body": "var(--kw-surface)",
    "--mantine-color-text": "var(--kw-text)",
    "--mantine-color-dimmed": "var(--kw-muted)",
    "--mantine-color-placeholder": "var(--kw-muted)",
    "--mantine-color-error": "var(--kw-danger-text)",
    "--mantine-color-anchor": "var(--kw-link)",
    "--mantine-color-default-border": "var(--kw-border)",
    "--mantine-line-height": "1.45",
  },
  light: {},
  dark: {},
};
