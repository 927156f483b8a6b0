import { type Month, monthOfMs } from "../../../core/cost/period.ts";
import { stageCostFiles } from "../../../scripts/start/cost-files.ts";
import { type SyntheticClinic, writeCostHistory } from "../../../scripts/start/cost-history.ts";
import { SITE } from "../../security/world.ts";
import type { Clinic } from "../harness/clinic.ts";
import type { Stage } from "../harness/stage.ts";

/** Hardly a visit, and an interface that asks all day: it costs more than it is asked for. */
const LOSS = { encounters: 1, clinicians: 1, documentGb: 60, heaviness: 9_000 };
const USUAL = { encounters: 30, clinicians: 3, documentGb: 12, heaviness: 1 };

/** A month of which two days are known, whatever day it is. */
export const knownMonth = (stage: Stage): Month => monthOfMs(stage.clock.now() - 2 * 86_400_000);

/** Fills the stage's books with this month's days and the last one's: of clinics that are there, on days that nobody lived. */
export async function fillBooks(stage: Stage, usual: Clinic, lossMaker: Clinic): Promise<void> {
  const { accountId, region } = stage.stack.cloud;
  const syntheticOf = ({ tenantId, name }: Clinic, shape: typeof USUAL): SyntheticClinic => ({
    id: tenantId,
    name,
    tier: "pooled",
    ...shape,
  });
  await writeCostHistory(await stageCostFiles(stage.stack, SITE, stage.operationsId), {
    of: { stage: SITE.stage, accountId, region, codeVersion: "test" },
    nowMs: stage.clock.now(),
    months: 1,
    clinics: [syntheticOf(usual, USUAL), syntheticOf(lossMaker, LOSS)],
  });
}
