import { IconWifiOff } from "@tabler/icons-react";
import { useEffect } from "react";
import { call } from "../api/client.ts";
import { useFormat, useText } from "../i18n/index.ts";
import { Button } from "../ui/button.tsx";
import { classes } from "../ui/classes.ts";
import { Icon } from "../ui/icon.tsx";
import { connection, useConnection } from "./connection.ts";
import { appMessages } from "./messages.ts";
import { redisclosure } from "./session-state.ts";
import css from "./shell.module.css";
import { useStore } from "./store.ts";

const PROBE_MS = 15_000;
const probe = (): void => void call("health", { isBackground: true }).catch(() => undefined);

/** The server cannot be reached: since when what is shown is old, and that nothing is saved. */
export function OfflineBar() {
  const [t, format, { isOnline, lastAnswerMs }] = [useText(appMessages), useFormat(), useConnection()];
  useEffect(() => {
    const [online, offline] = [() => probe(), () => connection.lost()];
    window.addEventListener("online", online);
    window.addEventListener("offline", offline);
    return () => {
      window.removeEventListener("online", online);
      window.removeEventListener("offline", offline);
    };
  }, []);
  useEffect(() => {
    if (isOnline) return undefined;
    const timer = setInterval(probe, PROBE_MS);
    return () => clearInterval(timer);
  }, [isOnline]);
  return (
    <div role="status">
      {!isOnline && (
        <div className={classes(css["bar"], css["offline"])}>
          <Icon of={IconWifiOff} />
          <span>
            {lastAnswerMs === undefined ? t("offline") : t("offlineAsOf", { when: format.time(lastAnswerMs) })}
          </span>
          <Button size="sm" onClick={probe}>
            {t("tryNow")}
          </Button>
        </div>
      )}
    </div>
  );
}

/** 42 CFR 2.32: the notice goes with what is shown, in the words in which it came. */
export function RedisclosureNotice() {
  const [t, notice] = [useText(appMessages), useStore(redisclosure)];
  return notice === undefined ? null : (
    <aside className={css["notice"]} aria-label={t("notice")} lang="en">
      {notice}
    </aside>
  );
}
