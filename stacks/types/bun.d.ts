/** SST's configuration types name Bun's shell, which nothing here uses. */
export type Shell = never;
