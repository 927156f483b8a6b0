import type { ChartBanner } from "../../../../core/contract/chart.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import { chartMessages } from "./messages.ts";

type Whose = Pick<ChartBanner, "name" | "birthDate"> & Partial<Pick<ChartBanner, "recordNumber">>;

/** Whose sheet it is, as it stands in its head: name, date of birth, record number, of which what is withheld is left out. */
export function usePrintLine(): (whose: Whose) => string {
  const [t, format] = [useText(chartMessages), useFormat()];
  return ({ name, birthDate, recordNumber }) =>
    [
      name.state === "value" ? name.value : "",
      birthDate.state === "value" ? `${t("born")} ${format.date(birthDate.value)}` : "",
      recordNumber?.state === "value" ? `${t("recordNumber")} ${recordNumber.value}` : "",
    ]
      .filter((text) => text !== "")
      .join(" · ");
}
