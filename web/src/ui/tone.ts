/** What a colour says. It is always said in words as well. */
export const TONES = ["neutral", "info", "success", "warning", "danger", "restricted"] as const;
export type Tone = (typeof TONES)[number];

export type Gap = "none" | "xs" | "sm" | "md" | "lg" | "xl";
