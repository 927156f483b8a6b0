import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** A calm blue-green: 7.4:1 on white at shade 8. */
const keyward: MantineColorsTuple = [
  "#eaf4f9",
  "#d5e8f1",
  "#a9d0e3",
  "#7cc4e4",
  "#4ea3c7",
  "#2f8ab1",
  "#17729a",
  "#0e668c",
  "#0b5c7d",
  "#094a66",
];

/** What is left to Mantine: how floating parts and dialogs measure. Everything that is seen is our own CSS. */
export const theme = createTheme({
  colors: { keyward },
  primaryColor: "keyward",
  primaryShade: { light: 8, dark: 6 },
  autoContrast: true,
  respectReducedMotion: true,
  defaultRadius: "sm",
  fontFamily: 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace',
});
