import { useState } from "react";
import { Problem } from "../src/api/problem.ts";
import { DateField, Form, NumberField, Text, TextField } from "../src/ui/index.ts";
import type { Story } from "./story.ts";

const refused = new Problem({
  kind: "invalid",
  status: 422,
  issues: [
    { field: "family", code: "too_big", text: "" },
    { field: "address.0.city", code: "custom", text: "" },
  ],
});

function Registration() {
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [saved, setSaved] = useState("");
  return (
    <Form
      label="Registration"
      loading={false}
      problem={problem}
      submitLabel="Register"
      guards={false}
      onSubmit={(values) => {
        if (values["family"] === "Refused") {
          setProblem(refused);
          return false;
        }
        setSaved(JSON.stringify(values));
        return true;
      }}
    >
      <TextField label="Family name" name="family" isRequired />
      <DateField label="Date of birth" name="birthDate" isRequired />
      <NumberField label="Weight" name="weight" unit="kg" min={0.3} max={500} />
      <Text>Saved: {saved === "" ? "nothing" : saved}</Text>
    </Form>
  );
}

export const stories: readonly Story[] = [
  { id: "form", title: "Form", render: () => <Registration /> },
  {
    id: "form-loading",
    title: "Form whose content is on its way",
    render: () => (
      <Form label="Settings" loading problem={undefined} submitLabel="Save" onSubmit={() => true}>
        <TextField label="Name" name="name" />
      </Form>
    ),
  },
  {
    id: "form-problem",
    title: "Form whose server cannot answer",
    render: () => (
      <Form
        label="Message"
        loading={false}
        problem={new Problem({ kind: "unavailable", status: 503 })}
        submitLabel="Send"
        guards={false}
        onSubmit={() => false}
      >
        <TextField label="Message" name="message" />
      </Form>
    ),
  },
];
