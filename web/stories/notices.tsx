import { Alert, Button, ButtonRow, Stack, Text } from "../src/ui/index.ts";
import type { Story } from "./story.ts";

const tones = ["neutral", "info", "success", "warning", "danger", "restricted"] as const;

export const stories: readonly Story[] = [
  {
    id: "alert",
    title: "Alert",
    render: () => (
      <Stack>
        {tones.map((tone) => (
          <Alert key={tone} tone={tone} title={`A ${tone} notice`}>
            <Text>What it means, and what to do about it.</Text>
          </Alert>
        ))}
        <Alert
          tone="warning"
          title="Two records look alike"
          actions={
            <ButtonRow>
              <Button size="sm">Compare</Button>
            </ButtonRow>
          }
        />
      </Stack>
    ),
  },
];
