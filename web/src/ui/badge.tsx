import css from "./badge.module.css";
import { classes } from "./classes.ts";
import { Icon, type IconType } from "./icon.tsx";
import type { Tone } from "./tone.ts";

interface BadgeProps {
  /** What it says: the colour alone says nothing. */
  readonly text: string;
  readonly tone?: Tone;
  readonly icon?: IconType;
}

/** A state in a word or two. */
export const Badge = ({ text, tone = "neutral", icon }: BadgeProps) => (
  <span className={classes(css["badge"], css[tone])}>
    {icon !== undefined && <Icon of={icon} size={12} />}
    {text}
  </span>
);
