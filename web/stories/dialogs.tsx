import { useState } from "react";
import { Button, ButtonRow, ConfirmDialog, Dialog, Drawer, Tabs, Text, TextField } from "../src/ui/index.ts";
import type { Story } from "./story.ts";

function Opens() {
  const [open, setOpen] = useState("");
  const close = (): void => setOpen("");
  return (
    <>
      <ButtonRow>
        <Button onClick={() => setOpen("dialog")}>Open dialog</Button>
        <Button onClick={() => setOpen("drawer")}>Open drawer</Button>
        <Button onClick={() => setOpen("confirm")}>End all sign-ins</Button>
        <Button onClick={() => setOpen("typed")}>Export all charts</Button>
      </ButtonRow>
      <Dialog
        title="Move the visit"
        isOpen={open === "dialog"}
        onClose={close}
        footer={
          <>
            <Button onClick={close}>Cancel</Button>
            <Button tone="primary" onClick={close}>
              Move
            </Button>
          </>
        }
      >
        <Text>The patient is told of the new time.</Text>
        <TextField label="Room" hasFocus />
      </Dialog>
      <Drawer title="Add an allergy" isOpen={open === "drawer"} onClose={close}>
        <TextField label="Substance" />
      </Drawer>
      <ConfirmDialog
        title="End all other sign-ins?"
        isOpen={open === "confirm"}
        onClose={close}
        onConfirm={close}
        confirmLabel="End them"
      >
        <Text>Whoever is signed in elsewhere as you has to sign in again.</Text>
      </ConfirmDialog>
      <ConfirmDialog
        title="Export every chart of this clinic?"
        isOpen={open === "typed"}
        onClose={close}
        onConfirm={close}
        confirmLabel="Ask for the export"
        tone="danger"
        reason={{ minimum: 10 }}
        typed="EXPORT"
      >
        <Text>A second person must approve it. The request and the export are recorded.</Text>
      </ConfirmDialog>
    </>
  );
}

function Tabbed() {
  const [active, setActive] = useState("summary");
  return (
    <Tabs
      label="Chart"
      active={active}
      onChange={setActive}
      tabs={[
        { id: "summary", label: "Summary", content: <Text>What matters today.</Text> },
        { id: "notes", label: "Notes", content: <Text>Notes of every visit.</Text> },
        { id: "results", label: "Results", content: <Text>Results of the laboratory.</Text> },
      ]}
    />
  );
}

export const stories: readonly Story[] = [
  { id: "dialog", title: "Dialog, Drawer, ConfirmDialog", render: () => <Opens /> },
  { id: "tabs", title: "Tabs", render: () => <Tabbed /> },
];
