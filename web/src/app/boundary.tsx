import type { ErrorComponentProps } from "@tanstack/react-router";
import { Problem } from "../api/problem.ts";
import { useText } from "../i18n/index.ts";
import { Alert } from "../ui/alert.tsx";
import { Button, ButtonRow, LinkButton } from "../ui/button.tsx";
import { Page } from "../ui/page.tsx";
import { EmptyState, ProblemState, RestrictedState } from "../ui/states.tsx";
import { Text } from "../ui/text.tsx";
import { appMessages } from "./messages.ts";
import { reloadPage } from "./session-end.ts";

/** A chunk that is gone: a newer version was put in its place, or the connection was lost on the way. */
const isChunkLost = (error: unknown): boolean =>
  error instanceof TypeError && /dynamically imported module|module script|Failed to fetch/i.test(error.message);

/** In place of an area that has thrown: the rest of the portal goes on. What was thrown is shown to nobody. */
export function AreaBoundary({ error, reset }: ErrorComponentProps) {
  const t = useText(appMessages);
  const isOld = isChunkLost(error);
  return (
    <Page title={t("errorTitle")} width="text">
      {error instanceof Problem ? (
        <ProblemState problem={error} onRetry={reset} />
      ) : (
        <Alert tone={isOld ? "info" : "danger"} title={isOld ? t("newVersion") : t("errorText")} isLive />
      )}
      <ButtonRow>
        <Button tone="primary" onClick={isOld ? reloadPage : reset}>
          {t(isOld ? "reload" : "retry")}
        </Button>
        <LinkButton to="/app/">{t("toStart")}</LinkButton>
      </ButtonRow>
    </Page>
  );
}

export function NotFound() {
  const t = useText(appMessages);
  return (
    <Page title={t("notFound")} width="text">
      <EmptyState title={t("notFoundText")} action={<LinkButton to="/app/">{t("toStart")}</LinkButton>} />
    </Page>
  );
}

export function NoPermission() {
  const t = useText(appMessages);
  return (
    <Page title={t("noPermission")} width="text">
      <RestrictedState title={t("noPermission")}>
        <Text>{t("noPermissionText")}</Text>
        <LinkButton to="/app/">{t("toStart")}</LinkButton>
      </RestrictedState>
    </Page>
  );
}

/** The start page of somebody whose role has no area. */
export function NothingYet() {
  const t = useText(appMessages);
  return (
    <Page title={t("nothingForYou")} width="text">
      <EmptyState title={t("noPermissionText")} />
    </Page>
  );
}
