import {
  IconActivity,
  IconAlertTriangle,
  IconCircleCheck,
  IconHelpCircle,
  IconId,
  IconPrinter,
} from "@tabler/icons-react";
import type { BannerAlert, BannerAllergies, BannerVisit, ChartBanner, Shown } from "../../../../core/contract/chart.ts";
import { useCan } from "../../app/session.tsx";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Alert,
  Badge,
  Button,
  ButtonRow,
  Countdown,
  Field,
  FieldValue,
  LinkButton,
  Row,
  Stack,
  StickyBanner,
  Text,
} from "../../ui/index.ts";
import { chartMessages } from "./messages.ts";

interface BannerProps {
  readonly banner: ChartBanner;
  readonly onRetry: () => void;
  readonly onRecordVitals: () => void;
  readonly onPrint: () => void;
}

const SEXES: ReadonlySet<string> = new Set(["female", "male", "other", "unknown"]);

/** Allergies in short: which ones, by name and risk; or who said that none are known; or that nobody asked. */
function Allergies({ allergies }: { readonly allergies: BannerAllergies }) {
  const [t, format] = [useText(chartMessages), useFormat()];
  const { kind, items, stated } = allergies;
  if (kind === "not-recorded") return <Badge tone="warning" icon={IconHelpCircle} text={t("allergiesNothing")} />;
  if (kind === "none-known") {
    const at = stated?.at === undefined ? "" : format.day(stated.at);
    return (
      <Row gap="xs">
        <Badge tone="success" icon={IconCircleCheck} text={t("allergiesNone")} />
        {stated !== undefined && (
          <Text as="span" size="sm" tone="muted">
            {t("allergiesStated", { at, by: stated.by ?? "" })}
          </Text>
        )}
      </Row>
    );
  }
  return (
    <Row gap="xs">
      <Text as="span" size="sm" isStrong>
        {`${t("allergies")}:`}
      </Text>
      {items.map(({ id, text, criticality, reactions }) => (
        <Badge
          key={id}
          tone="danger"
          icon={IconAlertTriangle}
          text={[text, ...reactions, ...(criticality === "high" ? [t("critical")] : [])].join(", ")}
        />
      ))}
    </Row>
  );
}

/** What somebody must know of the chart before going on. */
export function BannerAlerts({ alerts }: { readonly alerts: readonly BannerAlert[] }) {
  const [t, format] = [useText(chartMessages), useFormat()];
  return alerts.map((alert) => {
    switch (alert.kind) {
      case "hold":
        return <Alert key={alert.kind} tone="restricted" title={t(`alert.hold.${alert.mode}`)} />;
      case "break-glass":
        return (
          <Alert key={alert.kind} tone="danger" title={t("alert.break-glass")}>
            <Countdown label={t("alert.break-glass")} until={alert.expiresAt} />
          </Alert>
        );
      case "merged-into":
        return (
          <Alert
            key={alert.kind}
            tone="warning"
            title={t("alert.merged-into")}
            actions={
              <LinkButton to="/app/patients/$patient" params={{ patient: alert.patient }} size="sm">
                {t("alert.merged-open")}
              </LinkButton>
            }
          />
        );
      case "deceased":
        return (
          <Alert
            key={alert.kind}
            tone="neutral"
            title={
              alert.on === undefined
                ? t("alert.deceased")
                : t("alert.deceasedOn", { on: alert.on.length > 10 ? format.day(alert.on) : format.date(alert.on) })
            }
          />
        );
      default:
        return (
          <Alert
            key={alert.kind}
            tone={alert.kind === "allergies-contradicted" ? "danger" : "warning"}
            title={t(`alert.${alert.kind}`)}
          />
        );
    }
  });
}

function Visit({ label, visit, onRetry }: { label: string; visit: Shown<BannerVisit>; onRetry: () => void }) {
  const format = useFormat();
  return (
    <Field
      label={label}
      isInline
      field={visit}
      onRetry={onRetry}
      render={({ start, service }) => [format.dateTime(start), service].filter((text) => text !== undefined).join(", ")}
    />
  );
}

/** Who this is: in sight over every part of the chart, as the server gives it to the role that looks. */
export function ChartHead({ banner, onRetry, onRecordVitals, onPrint }: BannerProps) {
  const [t, format, can] = [useText(chartMessages), useFormat(), useCan()];
  const { name, pronouns, birthDate, age, sex, recordNumber, allergies, nextVisit, lastVisit, consent } = banner;
  return (
    <StickyBanner label={t("bannerLabel")}>
      <Stack gap="xs">
        <Row justify="between" align="start">
          <Row gap="md" align="baseline">
            <Text as="strong" size="xl" isStrong>
              <FieldValue label={t("title")} field={name} onRetry={onRetry} />
            </Text>
            {pronouns.state === "value" && (
              <Field label={t("pronouns")} hidesLabel isInline field={pronouns} onRetry={onRetry} />
            )}
            <Field
              label={t("age")}
              hidesLabel
              isInline
              field={age}
              onRetry={onRetry}
              render={({ count, unit }) => t(`age.${unit}`, { count })}
            />
            <Field label={t("born")} isInline field={birthDate} onRetry={onRetry} render={(day) => format.date(day)} />
            <Field
              label={t("sex")}
              hidesLabel
              isInline
              field={sex}
              onRetry={onRetry}
              render={(code) => (SEXES.has(code) ? t(`sex.${code as "female"}`) : code)}
            />
            <Field label={t("recordNumber")} isInline field={recordNumber} onRetry={onRetry} />
          </Row>
          <ButtonRow>
            {banner.mayRecordVitals && (
              <Button size="sm" icon={IconActivity} onClick={onRecordVitals}>
                {t("recordVitals")}
              </Button>
            )}
            {can("patient.read") && (
              <LinkButton
                to="/app/patients/$patient/details"
                params={{ patient: banner.patient }}
                size="sm"
                tone="quiet"
                icon={IconId}
              >
                {t("demographics")}
              </LinkButton>
            )}
            <Button size="sm" tone="quiet" icon={IconPrinter} onClick={onPrint}>
              {t("print")}
            </Button>
          </ButtonRow>
        </Row>
        <Row justify="between" gap="md">
          {allergies.state === "value" ? (
            <Allergies allergies={allergies.value} />
          ) : (
            <Field label={t("allergies")} isInline field={allergies} onRetry={onRetry} />
          )}
          <Row gap="md">
            {nextVisit.state !== "absent" && <Visit label={t("nextVisit")} visit={nextVisit} onRetry={onRetry} />}
            {lastVisit.state !== "absent" && <Visit label={t("lastVisit")} visit={lastVisit} onRetry={onRetry} />}
            {consent.state === "value" && (
              <Badge
                tone={consent.value.denying > 0 ? "restricted" : "neutral"}
                text={[
                  `${t("consent")}: ${t("consentSome", { active: consent.value.active })}`,
                  ...(consent.value.denying > 0 ? [t("consentDenying", { denying: consent.value.denying })] : []),
                ].join(", ")}
              />
            )}
          </Row>
        </Row>
      </Stack>
    </StickyBanner>
  );
}
