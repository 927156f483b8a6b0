import { useCallback, useEffect, useRef, useState } from "react";

export interface RowFocus {
  /** The row that has the focus: what single keys act on. */
  readonly focused: string | undefined;
  readonly refOf: (id: string) => (element: HTMLButtonElement | null) => void;
  /** Goes so many rows on, or from the first one where none has the focus. */
  readonly move: (by: 1 | -1) => void;
}

/** Which row of the board has the focus, by the button that opens it. `ids` in the order in which they stand. */
export function useRowFocus(ids: readonly string[]): RowFocus {
  const elements = useRef(new Map<string, HTMLButtonElement>());
  const refs = useRef(new Map<string, (element: HTMLButtonElement | null) => void>());
  const [focused, setFocused] = useState<string | undefined>(undefined);

  useEffect(() => {
    const look = (): void => {
      const active = document.activeElement;
      const [id] = [...elements.current].find(([, element]) => element === active) ?? [];
      setFocused(id);
    };
    document.addEventListener("focusin", look);
    document.addEventListener("focusout", look);
    return () => {
      document.removeEventListener("focusin", look);
      document.removeEventListener("focusout", look);
    };
  }, []);

  const refOf = useCallback((id: string) => {
    const known =
      refs.current.get(id) ??
      ((element: HTMLButtonElement | null): void => {
        if (element === null) elements.current.delete(id);
        else elements.current.set(id, element);
      });
    refs.current.set(id, known);
    return known;
  }, []);

  const move = useCallback(
    (by: 1 | -1) => {
      const at = focused === undefined ? -1 : ids.indexOf(focused);
      const next = at === -1 ? (by === 1 ? 0 : ids.length - 1) : Math.min(ids.length - 1, Math.max(0, at + by));
      elements.current.get(ids[next] ?? "")?.focus();
    },
    [focused, ids],
  );

  return { focused, refOf, move };
}
