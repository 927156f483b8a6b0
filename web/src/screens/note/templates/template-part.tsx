import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import type { NoteTemplate } from "../../../../../core/contract/index.ts";
import { useText } from "../../../i18n/index.ts";
import {
  Button,
  Card,
  CheckboxField,
  Columns,
  IconButton,
  Row,
  Section as PageSection,
  SelectField,
  Stack,
  TextAreaField,
  TextField,
} from "../../../ui/index.ts";
import { templateMessages } from "./messages.ts";
import { emptySection, keyFor, moved, type Section } from "./state.ts";

const TYPES = ["progress", "history", "consultation", "nurse", "telephone", "procedure"] as const;
const ASKS = ["no", "should", "must"] as const;

interface PartProps {
  readonly template: NoteTemplate;
  readonly onChange: (template: NoteTemplate) => void;
}

/** One template: what it is called, what it asks for, and its sections in their order. */
export function TemplatePart({ template, onChange }: PartProps) {
  const t = useText(templateMessages);
  const { sections, asks } = template;
  const setSections = (next: readonly Section[]): void => onChange({ ...template, sections: [...next] });
  const asking = (kind: "vitals" | "allergies") => (
    <SelectField
      label={t(kind)}
      value={asks[kind]}
      isRequired
      onChange={(value) => {
        const ask = ASKS.find((known) => known === value) ?? "no";
        onChange({ ...template, asks: { ...asks, [kind]: ask } });
      }}
      choices={ASKS.map((value) => ({ value, label: t(`ask.${value}`) }))}
    />
  );
  return (
    <Stack gap="lg">
      <Columns>
        <TextField
          label={t("name")}
          value={template.name}
          onChange={(name) => onChange({ ...template, name })}
          isRequired
          maxLength={120}
        />
        <SelectField
          label={t("type")}
          value={template.type}
          isRequired
          onChange={(value) => onChange({ ...template, type: TYPES.find((known) => known === value) ?? template.type })}
          choices={TYPES.map((value) => ({ value, label: t(`type.${value}`) }))}
        />
        {asking("vitals")}
        {asking("allergies")}
      </Columns>
      <PageSection title={t("sections")} level={3}>
        <Stack>
          {sections.map((section, index) => (
            <SectionCard
              key={section.key}
              section={section}
              number={index + 1}
              isFirst={index === 0}
              isLast={index === sections.length - 1}
              onChange={(next) => setSections(sections.map((each) => (each === section ? next : each)))}
              onMove={(by) => setSections(moved(sections, index, by))}
              onRemove={() => setSections(sections.filter((each) => each !== section))}
            />
          ))}
          <Row>
            <Button
              icon={IconPlus}
              onClick={() => {
                const title = t("section", { number: sections.length + 1 });
                const key = keyFor(
                  title,
                  sections.map((each) => each.key),
                );
                setSections([...sections, emptySection(key, title)]);
              }}
            >
              {t("addSection")}
            </Button>
          </Row>
        </Stack>
      </PageSection>
    </Stack>
  );
}

interface SectionCardProps {
  readonly section: Section;
  readonly number: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onChange: (section: Section) => void;
  readonly onMove: (by: -1 | 1) => void;
  readonly onRemove: () => void;
}

function SectionCard({ section, number, isFirst, isLast, onChange, onMove, onRemove }: SectionCardProps) {
  const t = useText(templateMessages);
  const { title } = section;
  return (
    <Card
      title={t("section", { number })}
      level={4}
      actions={
        <>
          <IconButton icon={IconArrowUp} label={t("up", { title })} isDisabled={isFirst} onClick={() => onMove(-1)} />
          <IconButton icon={IconArrowDown} label={t("down", { title })} isDisabled={isLast} onClick={() => onMove(1)} />
          <IconButton
            icon={IconTrash}
            label={t("removeSection", { title })}
            isDisabled={isFirst && isLast}
            onClick={onRemove}
          />
        </>
      }
    >
      <Stack>
        <Columns>
          <TextField
            label={t("sectionTitle")}
            value={title}
            onChange={(next) => onChange({ ...section, title: next })}
            isRequired
            maxLength={120}
          />
          <TextField
            label={t("prompt")}
            hint={t("promptHint")}
            value={section.prompt ?? ""}
            onChange={(prompt) => onChange({ ...section, prompt })}
            maxLength={300}
          />
        </Columns>
        <TextAreaField
          label={t("starter")}
          value={section.starter ?? ""}
          onChange={(starter) => onChange({ ...section, starter })}
          rows={2}
          maxLength={2000}
        />
        <Row gap="lg">
          <CheckboxField
            label={t("isRequired")}
            value={section.isRequired}
            onChange={(isRequired) => onChange({ ...section, isRequired })}
          />
          <CheckboxField
            label={t("isCarried")}
            value={section.isCarried}
            onChange={(isCarried) => onChange({ ...section, isCarried })}
          />
        </Row>
      </Stack>
    </Card>
  );
}
