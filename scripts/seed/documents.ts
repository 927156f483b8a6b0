import type { DocumentType, MediaType } from "../../core/contract/document.ts";
import { DAY_MS, dateOf } from "./clinic.ts";
import { type Paper, paperPdf } from "./papers.ts";
import { ecgStrip } from "./picture.ts";

/** A file as somebody files it; more than one content where it was replaced. */
export interface SeededDocument {
  readonly type: DocumentType;
  readonly title: string;
  /** The day that it is of. */
  readonly date: string;
  readonly fileName: string;
  readonly mediaType: MediaType;
  readonly by: "physician" | "front-desk";
  readonly contents: readonly Uint8Array[];
}

export interface Whose {
  readonly name: string;
  readonly birthDate: string;
  readonly physician: string;
  readonly clinic: string;
  /** The day from which all others are counted, `yyyy-mm-dd`. */
  readonly today: string;
}

/** What lies in the chart of somebody with high blood pressure, diabetes and high lipids: the same facts give the same bytes. */
export function chartDocuments({ name, birthDate, physician, clinic, today }: Whose): readonly SeededDocument[] {
  const ago = (days: number): string => dateOf(Date.parse(today) - days * DAY_MS);
  const about = (day: string): readonly string[] => [`Patient: ${name}, born ${birthDate}`, `Date: ${day}`];
  const own = [clinic, "12 Harbor View, Millbrook, MA 01000 - +1 555 555 0100"];
  const letter = (paper: Paper): Uint8Array => paperPdf(paper);
  const pdf = { mediaType: "application/pdf" } as const;
  const referral = (last: string): Uint8Array =>
    letter({
      title: "Referral to cardiology",
      from: own,
      facts: about(ago(20)),
      paragraphs: [
        "Dear colleague, thank you for seeing this patient with hypertension, type 2 diabetes and hyperlipidemia, who gets short of breath on the second flight of stairs since the summer.",
        "There is no chest pain at rest and no swelling of the legs. The electrocardiogram shows a sinus rhythm of 74 beats a minute. Home blood pressure is about 142/86.",
        last,
      ],
      signed: physician,
    });
  return [
    {
      ...pdf,
      type: "signed-form",
      title: "Notice of privacy practices, signed",
      date: ago(76),
      fileName: "privacy-notice-signed.pdf",
      by: "front-desk",
      contents: [
        letter({
          title: "Acknowledgment of the notice of privacy practices",
          from: own,
          facts: about(ago(76)),
          paragraphs: [
            "I have received the clinic's notice of privacy practices. It tells how information about my health may be used and shared, and how I can see it.",
          ],
          signed: `Signed by hand: ${name}`,
        }),
      ],
    },
    {
      type: "procedure-report",
      title: "Electrocardiogram at rest",
      date: ago(21),
      fileName: "ecg.png",
      mediaType: "image/png",
      by: "physician",
      contents: [ecgStrip(74)],
    },
    {
      ...pdf,
      type: "lab-report",
      title: "Lipids and hemoglobin A1c",
      date: ago(20),
      fileName: "laboratory-report.pdf",
      by: "physician",
      contents: [
        letter({
          title: "Laboratory report",
          from: ["Northgate Clinical Laboratory", "400 Alder Way, Stonebridge, MA 01001"],
          facts: [...about(ago(20)), `Ordered by: ${physician}`],
          paragraphs: ["Specimen: serum and whole blood, fasting."],
          table: [
            ["Test", "Result", "Usual range", "Flag"],
            ["Hemoglobin A1c", "7.4 %", "below 5.7 %", "High"],
            ["Glucose", "148 mg/dL", "70 to 99 mg/dL", "High"],
            ["LDL cholesterol", "118 mg/dL", "below 130 mg/dL", ""],
            ["Creatinine", "1.1 mg/dL", "0.6 to 1.3 mg/dL", ""],
          ],
        }),
      ],
    },
    {
      ...pdf,
      type: "referral",
      title: "Referral to cardiology",
      date: ago(20),
      fileName: "referral-cardiology.pdf",
      by: "physician",
      contents: [
        referral("Please advise on an echocardiogram."),
        referral("Please advise on an echocardiogram and on a stress test. The laboratory report is enclosed."),
      ],
    },
    {
      ...pdf,
      type: "letter",
      title: "Cardiology consultation",
      date: ago(6),
      fileName: "cardiology-consultation.pdf",
      by: "physician",
      contents: [
        letter({
          title: "Consultation",
          from: ["Stonebridge Heart Center", "18 Granite Avenue, Stonebridge, MA 01001"],
          facts: about(ago(6)),
          paragraphs: [
            "Thank you for the referral. The echocardiogram shows a normal ejection fraction of 60 % and mild thickening of the left ventricle, as of long-standing high blood pressure. The stress test was stopped at 8 minutes for tired legs, without changes of the electrocardiogram.",
            "I recommend a target below 130/80 and to go on with the statin. I would be glad to see the patient again in a year, sooner if the breathlessness gets worse.",
          ],
          signed: "L. Marchbank, MD, Cardiology",
        }),
      ],
    },
  ];
}
