import type { ReactNode } from "react";
import { Text } from "./text.tsx";

interface LiveTextProps {
  readonly children: ReactNode;
}

/** A short sentence that is read out whenever it changes, as how many were found. */
export const LiveText = ({ children }: LiveTextProps) => (
  <div role="status">
    <Text tone="muted">{children}</Text>
  </div>
);
