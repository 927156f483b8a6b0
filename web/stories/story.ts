import type { ReactNode } from "react";

/** One component in one state, as tests and people look at it. */
export interface Story {
  /** `button`, `form-errors`: in the address of its page. */
  readonly id: string;
  readonly title: string;
  readonly render: () => ReactNode;
}
