import type { ConsentRecipient, RecordConsent } from "../../core/contract/consent.ts";
import { totpAt } from "../../core/identity/totp.ts";
import type { Api } from "../cli/api.ts";
import type { Member } from "../cli/profile.ts";
import { DAY_MS, dateOf } from "../seed/clinic.ts";
import type { SeededDocument } from "../seed/documents.ts";
import { type MemberSession, STEP_MS } from "./member-session.ts";

const post = <T>(by: Api | MemberSession, path: string, body?: object): Promise<T> =>
  by.json<T>({ method: "POST", path, ...(body !== undefined && { body }) });

/** Her word to share with who treats her, mental health as well, and to keep what is protected from the billing office. */
export async function writeConsents(nurse: Api, patient: string, today: string): Promise<void> {
  const signedOn = dateOf(Date.parse(today) - 76 * DAY_MS);
  const signature = { kind: "paper", signedOn, by: "patient" } as const;
  const role = (name: "physician" | "nurse" | "billing"): ConsentRecipient => ({ kind: "role", role: name });
  const common = { signature, period: { from: signedOn } };
  const words: readonly RecordConsent[] = [
    {
      ...common,
      form: "share",
      recipients: [role("physician"), role("nurse")],
      parts: ["clinical", "mental-health"],
      purposes: ["TREAT"],
    },
    { ...common, form: "restrict", recipients: [role("billing")], part: "protected" },
  ];
  for (const body of words) await post(nurse, `/clinic/patients/${patient}/consents`, body);
}

/** Sends each file as the portal does; a second content becomes the next version of the first. */
export async function fileDocuments(
  by: Readonly<Record<SeededDocument["by"], Api>>,
  patient: string,
  documents: readonly SeededDocument[],
): Promise<void> {
  for (const { by: who, contents, fileName, mediaType, type, title, date } of documents) {
    let replaces: { readonly document: string; readonly version: number } | undefined;
    for (const bytes of contents) {
      const { id } = await post<{ readonly id: string }>(by[who], "/clinic/document-uploads", {
        patient,
        file: { name: fileName, type: mediaType, sizeBytes: bytes.length },
        type,
        title,
        date,
        ...(replaces !== undefined && { replaces }),
      });
      const upload = `/clinic/document-uploads/${id}`;
      const data = Buffer.from(bytes).toString("base64");
      await by[who].json({ method: "PUT", path: `${upload}/parts/0`, body: { data } });
      const filed = await post<{ readonly id: string }>(by[who], `${upload}/commit`);
      const { version } = await post<{ readonly version: number }>(by[who], `/clinic/documents/${filed.id}/check`);
      replaces = { document: filed.id, version };
    }
  }
}

/** She asks, the nurse answers, and she writes again: the last word waits for who treats her. */
export async function writeThread(patient: MemberSession, nurse: Api): Promise<void> {
  const { thread } = await post<{ readonly thread: string }>(patient, "/patient/threads", {
    topic: "health",
    text: "Since the new tablet my ankles are a little swollen in the evening. Is that all right?",
  });
  await post(nurse, "/clinic/messages", {
    thread,
    text: "Thank you for writing. That can come from amlodipine. Are both legs the same, and are you short of breath when you lie down?",
    to: "patient",
  });
  await post(patient, `/patient/threads/${thread}/messages`, {
    text: "Both the same, and I sleep flat. In the morning it is gone.",
  });
}

/** A copy of the chart for whoever goes on treating: the physician asks, the administrator lets it go, both with both factors. */
export async function takeCopy(
  chart: string,
  physician: Member & { readonly api: Api },
  administrator: MemberSession,
): Promise<void> {
  const { api, password, totpSecret } = physician;
  // The code of this half minute has signed her in.
  const totp = totpAt(totpSecret, Date.now() + STEP_MS);
  await api.token();
  await api.call({ method: "POST", path: "/session/step-up", body: { password, totp } });
  const { id } = await post<{ readonly id: string }>(api, "/clinic/exports", {
    patients: [chart],
    purpose: "TREAT",
    reason: { code: "care-transfer", text: "A copy of the chart for the cardiologist" },
  });
  await administrator.json({ method: "POST", path: `/clinic/exports/${id}/approve` });
}
