import { IconAlertOctagon } from "@tabler/icons-react";
import {
  AlarmFrame,
  Badge,
  Button,
  Card,
  Columns,
  DefinitionList,
  List,
  Page,
  Section,
  Split,
  StickyBanner,
  Text,
  TextField,
  Toolbar,
} from "../src/ui/index.ts";
import type { Story } from "./story.ts";

const problems = ["Hypertension", "Type 2 diabetes", "Osteoarthritis of the knee"];

export const stories: readonly Story[] = [
  {
    id: "page",
    title: "Page, Section, Toolbar, Card",
    render: () => (
      <Page
        title="Day board"
        intro="Sunday, Nov 22, 2026"
        breadcrumbs={[{ label: "Start", to: "/app/" }]}
        actions={<Button tone="primary">New visit</Button>}
      >
        <Toolbar label="Filters">
          <TextField label="Provider" width="sm" />
          <Button>Today</Button>
        </Toolbar>
        <Section title="Waiting">
          <Columns>
            <Card title="Problems" state={<Badge text="3 active" />} actions={<Button size="sm">Add</Button>} level={3}>
              <List label="Problems" items={problems} itemKey={(problem) => problem}>
                {(problem) => <Text>{problem}</Text>}
              </List>
            </Card>
            <Card title="Contact" level={3}>
              <DefinitionList
                look="rows"
                items={[
                  { term: "Phone", value: "555 0100" },
                  { term: "Preferred language", value: "Spanish" },
                ]}
              />
            </Card>
          </Columns>
        </Section>
      </Page>
    ),
  },
  {
    id: "split",
    title: "Split, StickyBanner",
    render: () => (
      <>
        <StickyBanner label="Whose chart this is">
          <Text isStrong>Example, Person</Text>
        </StickyBanner>
        <Split main={<Card title="Note" />} side={<Card title="Summary" tone="warning" />} sideAt="start" />
      </>
    ),
  },
  {
    id: "alarm-frame",
    title: "AlarmFrame",
    render: () => (
      <AlarmFrame label="Emergency access" icon={IconAlertOctagon}>
        <Text isStrong>Emergency access is active</Text>
        <Button size="sm" tone="danger">
          End now
        </Button>
      </AlarmFrame>
    ),
  },
];
