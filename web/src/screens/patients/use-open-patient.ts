import { useCallback } from "react";
import { call } from "../../api/client.ts";
import { useGo } from "../../app/navigation.ts";

/** Goes to a patient's chart, and puts her first among the member's recent ones. */
export function useOpenPatient(): (id: string) => void {
  const go = useGo();
  return useCallback(
    (id) => {
      // A list of recent ones that misses one is no reason to stop anybody.
      call("noteRecentPatient", { body: { patient: id } }).catch(() => undefined);
      go({ to: "/app/patients/$patient", params: { patient: id } });
    },
    [go],
  );
}
