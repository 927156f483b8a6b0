import { useState } from "react";
import { Badge, EmptyState, Panes, PickList, Row, Stack, Text, TextField } from "../src/ui/index.ts";
import type { Story } from "./story.ts";

const ITEMS = ["Health question", "Basic metabolic panel", "Order paper for the label printer"];

function Shown({ first }: { readonly first: string | undefined }) {
  const [open, setOpen] = useState(first);
  return (
    <Panes
      filters={<TextField label="Narrow by" value="" />}
      list={
        <PickList label="What waits" items={ITEMS} itemKey={(item) => item} pickedKey={open} onPick={setOpen}>
          {(item) => (
            <Stack gap="xs">
              <Text as="span" isStrong>
                {item}
              </Text>
              <Row gap="xs">
                <Badge text="Message" />
              </Row>
            </Stack>
          )}
        </PickList>
      }
      itemLabel="Open item"
      itemKey={open}
      item={open === undefined ? undefined : <Text>{open}</Text>}
      placeholder={<EmptyState title="Choose something from the list" />}
    />
  );
}

export const stories: readonly Story[] = [
  { id: "panes", title: "Panes, PickList: one open", render: () => <Shown first={ITEMS[0]} /> },
  { id: "panes-empty", title: "Panes, PickList: none open", render: () => <Shown first={undefined} /> },
];
