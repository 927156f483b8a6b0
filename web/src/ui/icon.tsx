import type { ComponentType } from "react";

/** An icon of Tabler, by its component. It never stands for a word: what it shows is said beside it. */
export type IconType = ComponentType<{
  readonly size?: number | string;
  readonly stroke?: number | string;
  readonly "aria-hidden"?: boolean | "true" | "false";
  readonly className?: string;
}>;

export const Icon = ({ of: Shape, size = 16, className = "" }: { of: IconType; size?: number; className?: string }) => (
  <Shape size={size} stroke={1.75} aria-hidden="true" className={className} />
);
