import { IconX } from "@tabler/icons-react";
import type { ConsentFormsAnswer } from "../../../../core/contract/index.ts";
import {
  type Choice,
  IconButton,
  List,
  Row,
  SelectField,
  Stack,
  Text,
  useFieldValue,
  useSetField,
} from "../../ui/index.ts";
import { useWords } from "./use-words.ts";
import { wordFor } from "../govern/who.tsx";

const ROLES = ["physician", "nurse", "front-desk", "billing"] as const;

interface RecipientsFieldProps {
  readonly label: string;
  readonly known: ConsentFormsAnswer;
  /** Persons alone, for what may be opened to nobody by role. */
  readonly isPersonal: boolean;
  /** It was sent without anybody. */
  readonly isMissing: boolean;
}

/** Persons, roles and systems, added one by one. */
export function RecipientsField({ label, known, isPersonal, isMissing }: RecipientsFieldProps) {
  const { t, shared } = useWords();
  const chosen = useFieldValue<readonly string[]>("recipients") ?? [];
  const setField = useSetField();
  const people: Choice[] = known.people.map(({ id, name, roles }) => ({
    value: `person:${id}`,
    label: `${name} (${roles.map((role) => wordFor(shared, "role", role)).join(", ")})`,
    group: t("people"),
  }));
  const others: Choice[] = isPersonal
    ? []
    : [
        ...ROLES.map((role) => ({ value: `role:${role}`, label: wordFor(shared, "role", role), group: t("roles") })),
        ...known.systems.map(({ id, name }) => ({ value: `system:${id}`, label: name, group: t("systems") })),
      ];
  const choices = [...people, ...others];
  const labelOf = (value: string): string => choices.find((choice) => choice.value === value)?.label ?? value;
  return (
    <Stack gap="xs">
      <SelectField
        label={label}
        value=""
        isRequired
        error={isMissing && chosen.length === 0 ? t("needRecipient") : undefined}
        placeholder={t(isPersonal ? "addPerson" : "addRecipient")}
        choices={choices.filter(({ value }) => !chosen.includes(value))}
        onChange={(value) => {
          if (value !== "") setField("recipients", [...chosen, value]);
        }}
      />
      {chosen.length > 0 && (
        <List label={label} look="spaced" items={chosen} itemKey={(value) => value}>
          {(value) => (
            <Row gap="xs" wraps={false}>
              <IconButton
                size="sm"
                icon={IconX}
                label={t("remove", { name: labelOf(value) })}
                onClick={() =>
                  setField(
                    "recipients",
                    chosen.filter((one) => one !== value),
                  )
                }
              />
              <Text as="span">{labelOf(value)}</Text>
            </Row>
          )}
        </List>
      )}
    </Stack>
  );
}
