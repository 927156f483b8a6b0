import { IconCheck, IconFilter, IconPencil, IconPrinter, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Badge, Button, ButtonRow, IconButton, LinkButton, Menu, notify, Row, Stack, Text } from "../src/ui/index.ts";
import type { Story } from "./story.ts";

function Picked() {
  const [chosen, setChosen] = useState("nothing");
  return (
    <Row>
      <Menu
        label="Visit actions"
        entries={[
          { id: "heading", heading: "This visit" },
          { id: "room", label: "Move to a room", onSelect: () => setChosen("room") },
          { id: "print", label: "Print", detail: "P", icon: IconPrinter, onSelect: () => setChosen("print") },
          { id: "locked", label: "Unlock", isDisabled: true, onSelect: () => setChosen("unlock") },
          { id: "line", isDivider: true },
          { id: "cancel", label: "Cancel the visit", tone: "danger", onSelect: () => setChosen("cancel") },
        ]}
      />
      <Text>Chosen: {chosen}</Text>
    </Row>
  );
}

function Toggles() {
  const [isOn, setIsOn] = useState(true);
  return (
    <Button icon={IconFilter} isPressed={isOn} onClick={() => setIsOn(!isOn)}>
      Mine only
    </Button>
  );
}

const tones = ["neutral", "info", "success", "warning", "danger", "restricted"] as const;

export const stories: readonly Story[] = [
  {
    id: "button",
    title: "Button",
    render: () => (
      <Stack>
        <ButtonRow>
          <Button tone="primary" icon={IconCheck}>
            Sign note
          </Button>
          <Button>Save draft</Button>
          <Button tone="quiet">Cancel</Button>
          <Button tone="danger">Delete template</Button>
        </ButtonRow>
        <ButtonRow>
          <Button size="sm">Small</Button>
          <Button size="lg" tone="primary">
            Large
          </Button>
          <Button isPending tone="primary">
            Saving
          </Button>
          <Button isDisabled>Not yet</Button>
          <Toggles />
          <LinkButton to="/app/">Leads somewhere</LinkButton>
        </ButtonRow>
      </Stack>
    ),
  },
  {
    id: "icon-button",
    title: "IconButton",
    render: () => (
      <Row>
        <IconButton label="Edit" icon={IconPencil} />
        <IconButton label="Print" icon={IconPrinter} tone="secondary" />
        <IconButton label="Remove" icon={IconTrash} tone="danger" size="sm" />
        <IconButton label="Printing" icon={IconPrinter} isPending />
      </Row>
    ),
  },
  { id: "menu", title: "Menu", render: () => <Picked /> },
  {
    id: "badge",
    title: "Badge",
    render: () => (
      <Row>
        {tones.map((tone) => (
          <Badge key={tone} tone={tone} text={`${tone} state`} icon={IconCheck} />
        ))}
      </Row>
    ),
  },
  {
    id: "toast",
    title: "Toast",
    render: () => (
      <Button
        onClick={() =>
          notify({
            text: "The visit was moved.",
            undo: () => notify({ text: "The visit is back where it was.", tone: "info" }),
          })
        }
      >
        Move the visit
      </Button>
    ),
  },
];
