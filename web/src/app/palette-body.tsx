import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { useText } from "../i18n/index.ts";
import { Badge } from "../ui/badge.tsx";
import { classes } from "../ui/classes.ts";
import { VisuallyHidden } from "../ui/text.tsx";
import { appMessages } from "./messages.ts";
import { closePalette } from "./palette-open.ts";
import { type PaletteItem, type PaletteSource, paletteSources } from "./palette-sources.ts";
import css from "./palette.module.css";
import { currentSession } from "./session-state.ts";
import { useStore } from "./store.ts";

const PAUSE_MS = 150;
/** A search that did not answer is made once more by itself: nobody who is busy looks at an error for that. */
const AGAIN_MS = 1_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Found {
  readonly source: PaletteSource;
  readonly items: readonly PaletteItem[];
  /** It did not answer, twice: that nothing is there cannot be said. */
  readonly isFailed: boolean;
}

async function ask(source: PaletteSource, text: string, signal: AbortSignal): Promise<Found> {
  try {
    return { source, items: await source.search(text, signal), isFailed: false };
  } catch {
    await pause(AGAIN_MS);
    if (signal.aborted) return { source, items: [], isFailed: true };
  }
  try {
    return { source, items: await source.search(text, signal), isFailed: false };
  } catch {
    return { source, items: [], isFailed: true };
  }
}

/** What all sources find, each as it comes; what was asked before the last key is dropped. */
function useFindings(text: string, attempt: number) {
  const sources = useStore(paletteSources);
  const [found, setFound] = useState<readonly Found[]>([]);
  const [waiting, setWaiting] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    const can = currentSession()?.can ?? [];
    const asked = sources.filter(
      ({ fromCharacters, needs }) =>
        text.trim().length >= fromCharacters && (needs === undefined || can.includes(needs)),
    );
    setFound((known) => known.filter(({ source }) => asked.includes(source)));
    const timer = setTimeout(() => {
      setWaiting(asked.length);
      for (const source of asked) {
        void ask(source, text.trim(), stop.signal).then((one) => {
          if (stop.signal.aborted) return;
          setWaiting((count) => count - 1);
          setFound((known) => [...known.filter((other) => other.source !== source), one]);
        });
      }
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text, sources, attempt]);
  const ordered = sources.flatMap((source) => found.find((known) => known.source === source) ?? []);
  return {
    found: ordered.filter(({ items }) => items.length > 0),
    isSearching: waiting > 0,
    isFailed: waiting === 0 && ordered.some(({ isFailed }) => isFailed),
  };
}

/** What is typed, and what was found. It comes when the palette is first opened. */
export default function PaletteBody() {
  const t = useText(appMessages);
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const [attempt, setAttempt] = useState(0);
  const { found, isSearching, isFailed } = useFindings(text, attempt);
  const items = useMemo(() => found.flatMap((one) => one.items), [found]);
  const ending = isFailed ? t("paletteFailed") : items.length === 0 ? t("paletteEmpty") : undefined;
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const index = Math.min(active, Math.max(0, items.length - 1));
  const activeId = `${listId}-${index}`;

  // When it comes after its dialog, that has the focus on its own button by then.
  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    document.getElementById(activeId)?.scrollIntoView({ block: "nearest" });
  }, [activeId]);

  const choose = (item: PaletteItem | undefined): void => {
    if (item === undefined) return;
    closePalette(true);
    item.run();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      Home: 0,
      End: items.length - 1,
    };
    const next = moves[event.key];
    if (next !== undefined && items.length > 0 && (text === "" || !event.key.match(/Home|End/))) {
      event.preventDefault();
      setActive((next + items.length) % items.length);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      if (isFailed && items.length === 0) setAttempt(attempt + 1);
      else choose(items[index]);
    }
  };
  return (
    <>
      <input
        ref={input}
        data-autofocus=""
        className={css["input"]}
        type="text"
        role="combobox"
        aria-label={t("palette")}
        aria-expanded={items.length > 0}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={items.length > 0 ? activeId : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder={t(currentSession()?.can.includes("patient.search") === true ? "searchHint" : "searchScreens")}
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <VisuallyHidden>
        <span role="status">{isSearching ? "" : (ending ?? t("paletteKeys"))}</span>
      </VisuallyHidden>
      <div id={listId} role="listbox" aria-label={t("palette")} className={css["list"]}>
        {found.map(({ source, items: own }, group) => (
          <div key={source.id} role="group" aria-label={source.label()}>
            <div className={css["group"]} aria-hidden="true">
              {source.label()}
            </div>
            {own.map((item, place) => {
              const mine = place + found.slice(0, group).reduce((count, before) => count + before.items.length, 0);
              return (
                // The input keeps the focus; the keyboard moves `aria-activedescendant`.
                <button
                  key={item.id}
                  type="button"
                  id={`${listId}-${mine}`}
                  role="option"
                  aria-selected={mine === index}
                  tabIndex={-1}
                  className={classes(css["item"], mine === index && css["active"])}
                  onPointerMove={() => setActive(mine)}
                  onClick={() => choose(item)}
                >
                  <span className={css["label"]}>{item.label}</span>
                  {item.badge !== undefined && <Badge tone="restricted" text={item.badge} />}
                  {item.detail !== undefined && <span className={css["detail"]}>{item.detail}</span>}
                </button>
              );
            })}
          </div>
        ))}
        {!isSearching && ending !== undefined && text !== "" && (
          <div className={css["group"]} role="option" aria-selected="false" aria-disabled="true" tabIndex={-1}>
            {ending}
          </div>
        )}
      </div>
    </>
  );
}
