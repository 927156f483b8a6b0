import { useState } from "react";
import {
  CheckboxesField,
  CheckboxField,
  Columns,
  ComboboxField,
  DateField,
  FileField,
  NumberField,
  RadioField,
  SelectField,
  Stack,
  TextAreaField,
  TextField,
  TimeField,
} from "../src/ui/index.ts";
import type { Story } from "./story.ts";

const substances = [
  { value: "7980", label: "Penicillin G", detail: "RxNorm 7980" },
  { value: "733", label: "Ampicillin", detail: "RxNorm 733" },
  { value: "1191", label: "Aspirin", detail: "RxNorm 1191" },
];
const visits = [
  { value: "new", label: "New patient" },
  { value: "follow", label: "Follow-up", hint: "20 minutes" },
  { value: "tele", label: "By video", isDisabled: true },
];

const found = (text: string) =>
  Promise.resolve(substances.filter(({ label }) => label.toLowerCase().includes(text.toLowerCase())));

function Birth() {
  const [day, setDay] = useState("1962-03-14");
  return <DateField label="Date of birth" value={day} onChange={setDay} max="2026-11-22" />;
}

function Begin() {
  const [time, setTime] = useState("09:30");
  return <TimeField label="Begins at" value={time} onChange={setTime} />;
}

export const stories: readonly Story[] = [
  {
    id: "text-fields",
    title: "TextField, TextAreaField, NumberField",
    render: () => (
      <Columns>
        <TextField label="Family name" isRequired />
        <TextField label="Insurance number" hint="As on the card." isCode value="ZZ-000-1" />
        <TextField label="City" error="City: fill this in." />
        <TextField label="Clinic" value="Lakeside" isReadOnly />
        <TextField label="Room" value="4" isDisabled />
        <NumberField label="Temperature" unit="°C" min={30} max={45} step={0.1} value={36.6} />
        <TextAreaField label="Reason for the visit" placeholder="In the patient's own words" maxLength={90} />
      </Columns>
    ),
  },
  {
    id: "date-time-fields",
    title: "DateField, TimeField",
    render: () => (
      <Columns>
        <Birth />
        <DateField label="Return on" />
        <Begin />
        <DateField label="Onset" error="Onset: enter a date, such as 03/14/1962." />
      </Columns>
    ),
  },
  {
    id: "choice-fields",
    title: "SelectField, RadioField, CheckboxField, CheckboxesField",
    render: () => (
      <Stack gap="lg">
        <SelectField label="Visit type" choices={visits} hint="It sets the length." />
        <RadioField label="Kind of visit" choices={visits} value="new" isInline />
        <CheckboxField label="The patient was asked for identification" />
        <CheckboxesField label="Days" choices={visits} value={["new"]} error="Days: choose at least two." />
      </Stack>
    ),
  },
  {
    id: "combobox-field",
    title: "ComboboxField",
    render: () => (
      <Columns>
        <ComboboxField label="Substance" options={substances} />
        <ComboboxField label="Substance from the server" search={found} takesOwn hint="Type a name." />
      </Columns>
    ),
  },
  {
    id: "file-field",
    title: "FileField",
    render: () => <FileField label="Document" accept={["application/pdf"]} maxBytes={5_000_000} />,
  },
];
