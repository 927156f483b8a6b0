import type { ConsentFormName } from "../../../../core/contract/index.ts";
import type { BodyOf } from "../../api/client.ts";

export type RecordBody = BodyOf<"recordConsent">;
type Recipient = RecordBody["recipients"][number];

/** What the fields of every form hold, under the paths of the body that is sent. */
export interface FormValues {
  /** `person:<id>`, `role:<role>`, `system:<id>`. */
  readonly recipients: readonly string[];
  readonly parts?: readonly string[];
  readonly part?: string;
  readonly purposes?: readonly string[];
  readonly discloser?: string;
  readonly description?: string;
  readonly study?: string;
  readonly expiry?: string;
  readonly told?: Readonly<Record<"revocation" | "redisclosure" | "refusal", boolean>>;
  readonly period: { readonly from: string; readonly until: string };
  readonly signature: {
    readonly kind: string;
    readonly signedOn: string;
    readonly by: string;
    readonly representative: { readonly name: string; readonly authority: string };
  };
}

export const emptyValues = (form: ConsentFormName, today: string, clinic: string): FormValues => ({
  recipients: [],
  parts: [],
  purposes: form === "share" || form === "substance-use" || form === "therapy-notes" ? ["TREAT"] : [],
  part: form === "restrict" ? "everything" : "",
  discloser: clinic,
  description: "",
  study: "",
  expiry: "none",
  told: { revocation: false, redisclosure: false, refusal: false },
  period: { from: "", until: "" },
  signature: { kind: "in-person", signedOn: today, by: "patient", representative: { name: "", authority: "" } },
});

export function recipientOf(value: string): Recipient {
  const at = value.indexOf(":");
  const [kind, id] = [value.slice(0, at), value.slice(at + 1)];
  if (kind === "role") return { kind, role: id } as Recipient;
  return { kind: kind === "system" ? "system" : "person", id } as Recipient;
}

/** The body of a filled-in form: its own fields, and none of those of another. The server judges it. */
export function bodyOf(form: ConsentFormName, values: FormValues): RecordBody {
  const { period, signature } = values;
  const isOnDay = values.expiry === "on-day" || form === "share" || form === "restrict" || form === "therapy-notes";
  const isRepresented = signature.by === "representative";
  const common = {
    form,
    recipients: values.recipients.map(recipientOf),
    period: {
      ...(period.from !== "" && { from: period.from }),
      ...(isOnDay && period.until !== "" && { until: period.until }),
    },
    signature: {
      kind: signature.kind,
      signedOn: signature.signedOn,
      by: signature.by,
      ...(isRepresented && { representative: signature.representative }),
    },
  };
  const { parts, part, purposes, discloser, description, study, expiry, told } = values;
  const own: Readonly<Record<ConsentFormName, object>> = {
    share: { parts, purposes },
    restrict: { part },
    "substance-use": { discloser, description, purposes, expiry, told },
    research: { study, parts, expiry },
    "therapy-notes": { purposes },
  };
  return { ...common, ...own[form] } as unknown as RecordBody;
}
