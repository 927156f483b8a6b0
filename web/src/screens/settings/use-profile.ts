import { useCallback } from "react";
import type { ClinicProfile, ClinicProfileView } from "../../../../core/contract/index.ts";
import { type Act, useAct } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { notify } from "../../ui/index.ts";
import { settingsMessages } from "./messages.ts";

export interface ProfileActs {
  readonly saving: Act<"changeClinicProfile">;
  /** Writes the profile with something changed in it, over the version that is shown. */
  readonly save: (change: Partial<ClinicProfile>) => Promise<boolean>;
}

/** What the server takes of what it shows. */
function profileOf(view: ClinicProfileView): ClinicProfile {
  const { version: _version, timeZone: _timeZone, isTimeZoneSet: _isSet, ...profile } = view;
  return profile;
}

/** Saves parts of the clinic's profile. Where somebody else was faster, nothing is overwritten. */
export function useProfile(view: ClinicProfileView, reload: () => unknown): ProfileActs {
  const t = useText(settingsMessages);
  const saving = useAct("changeClinicProfile", { refresh: ["readClinicProfile", "readScheduleSetup", "readDay"] });
  const { act } = saving;
  const save = useCallback(
    async (change: Partial<ClinicProfile>): Promise<boolean> => {
      const answer = await act({ ifMatch: view.version, body: { ...profileOf(view), ...change } });
      if (answer !== undefined) notify({ text: t("saved") });
      else void reload();
      return answer !== undefined;
    },
    [act, reload, t, view],
  );
  return { saving, save };
}
