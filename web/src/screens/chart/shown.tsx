import { IconCloudOff } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Shown } from "../../../../core/contract/chart.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import { Alert, Button, RestrictedState, StaleBar } from "../../ui/index.ts";
import { chartMessages } from "./messages.ts";

interface ShownStateProps<T> {
  readonly field: Shown<T>;
  readonly children: (value: T) => ReactNode;
  /** Nothing is recorded: said so, with what to do next. */
  readonly empty: ReactNode;
  readonly onRetry: () => void;
}

/** A part of the chart in the state in which the server gave it. Withheld, away and empty are three things. */
export function ShownState<T>({ field, children, empty, onRetry }: ShownStateProps<T>) {
  const [t, format] = [useText(chartMessages), useFormat()];
  switch (field.state) {
    case "value":
      return children(field.value);
    case "masked":
      return children(field.value as T);
    case "absent":
      return empty;
    case "restricted":
      return <RestrictedState reason={field.reason} howToAsk={field.howToAsk} />;
    case "unavailable":
      return (
        <Alert
          tone="warning"
          title={t("unavailable")}
          isLive
          actions={
            <Button size="sm" icon={IconCloudOff} onClick={onRetry}>
              {t("retry")}
            </Button>
          }
        >
          {t("unavailableHint")}
        </Alert>
      );
    case "stale":
      return (
        <>
          <StaleBar text={t("staleAsOf", { when: format.dateTime(field.asOf) })} onRetry={onRetry} />
          {children(field.value as T)}
        </>
      );
  }
}
