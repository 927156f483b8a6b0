import { useState } from "react";
import type { AnswerOf } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { scaledOf, textOfScaled } from "../../i18n/money.ts";
import {
  Alert,
  AskState,
  Badge,
  Button,
  ButtonRow,
  Card,
  type Column,
  DefinitionList,
  List,
  LiveText,
  Row,
  Stack,
  Table,
  Text,
} from "../../ui/index.ts";
import { useDataWords } from "./data-words.ts";
import { modelMessages } from "./model-messages.ts";
import { Basis } from "./basis.tsx";
import { Amount } from "./parts.tsx";
import { Quantity, said, useQuantities } from "./quantity.tsx";
import { usd, useWords } from "./words.ts";

type ControlsAnswer = AnswerOf<"financeControls">;
type Control = ControlsAnswer["controls"][number];
type Setting = Control["settings"][number];
/** Control to the setting that is tried; what is not in it is as today. */
type Tried = Readonly<Record<string, string>>;

/** Controls with their prices; a setting that is tried shows what it would change. Nothing is set by it. */
export function Controls() {
  const say = useText(modelMessages);
  const query = useAsk("financeControls");
  const [tried, setTried] = useState<Tried>({});
  return (
    <Stack gap="lg">
      <Text tone="muted">{say("controlsIntro")}</Text>
      <AskState query={query} label={say("tab.controls")}>
        {({ controls, priceListId }) => (
          <Stack gap="lg">
            <Basis of={{ priceListId }} />
            <Sum controls={controls} tried={tried} onTry={setTried} />
            {controls.map((control) => (
              <ControlCard
                key={control.control}
                control={control}
                tried={settingOf(control, tried)}
                onTry={(setting) => setTried({ ...tried, [control.control]: setting })}
              />
            ))}
          </Stack>
        )}
      </AskState>
    </Stack>
  );
}

const settingOf = ({ control, settings }: Control, tried: Tried): Setting | undefined =>
  settings.find(({ setting, isCurrent }) => (tried[control] === undefined ? isCurrent : setting === tried[control]));

interface SumProps {
  readonly controls: readonly Control[];
  readonly tried: Tried;
  readonly onTry: (tried: Tried) => void;
}

/** What all that is tried comes to together. */
function Sum({ controls, tried, onTry }: SumProps) {
  const [say, { delta }] = [useText(modelMessages), useWords()];
  const chosen = controls.flatMap((control) => {
    const setting = settingOf(control, tried);
    return setting === undefined || setting.isCurrent ? [] : [{ scope: control.scope, setting }];
  });
  const deltaOf = (scope: Control["scope"]): string =>
    textOfScaled(
      chosen
        .filter((one) => one.scope === scope)
        .reduce((sum, { setting }) => sum + (scaledOf(setting.delta) ?? 0n), 0n),
    );
  const advised = Object.fromEntries(
    controls.flatMap(({ control, rightSize }) => (rightSize === null ? [] : [[control, rightSize]])),
  );
  return (
    <Card title={say("sumTitle")}>
      <Stack gap="sm">
        <DefinitionList
          items={[
            { term: say("sumClinic"), value: delta(usd(deltaOf("clinic"))) },
            { term: say("sumStage"), value: delta(usd(deltaOf("stage"))) },
          ]}
        />
        <LiveText>
          {chosen.length === 0
            ? say("sumNone")
            : `${say("sumClinic")}: ${delta(usd(deltaOf("clinic")))}. ${say("sumStage")}: ${delta(usd(deltaOf("stage")))}.`}
        </LiveText>
        {chosen.some(({ setting }) => !setting.meetsFloor) && <Alert tone="danger" title={say("sumFloor")} />}
        <ButtonRow>
          <Button size="sm" onClick={() => onTry(advised)}>
            {say("takeAdvice")}
          </Button>
          <Button size="sm" tone="quiet" isDisabled={chosen.length === 0} onClick={() => onTry({})}>
            {say("takeBack")}
          </Button>
        </ButtonRow>
      </Stack>
    </Card>
  );
}

interface ControlCardProps {
  readonly control: Control;
  readonly tried: Setting | undefined;
  readonly onTry: (setting: string) => void;
}

function ControlCard({ control, tried, onTry }: ControlCardProps) {
  const [say, { delta }, inWords] = [useText(modelMessages), useWords(), useDataWords()];
  const { skuName, priced } = useQuantities();
  const columns: readonly Column<Setting>[] = [
    {
      id: "setting",
      label: say("setting"),
      isRowHeader: true,
      render: ({ name, isCurrent, meetsFloor, setting }) => (
        <Row gap="xs">
          <Text as="span">{inWords(name)}</Text>
          {isCurrent && <Badge tone="info" text={say("current")} />}
          {setting === control.rightSize && <Badge tone="success" text={say("advised")} />}
          {!meetsFloor && <Badge tone="danger" text={say("belowFloor")} />}
        </Row>
      ),
    },
    { id: "keeps", label: say("keeps"), render: ({ keeps }) => inWords(keeps) },
    {
      id: "items",
      label: say("uses"),
      render: ({ items }) =>
        items.length === 0 ? (
          say("usesNothing")
        ) : (
          <List label={say("uses")} items={items} itemKey={({ sku }) => sku} look="spaced">
            {({ sku, unit, quantity }) => (
              <Text as="span" size="sm">
                <Quantity of={said(priced(quantity, { sku, unit }), (text) => `${skuName(sku)}: ${text}`)} />
              </Text>
            )}
          </List>
        ),
    },
    {
      id: "cost",
      label: say(`scope.${control.scope}`),
      align: "end",
      render: ({ cost }) => <Amount money={usd(cost)} />,
    },
    { id: "delta", label: say("delta"), align: "end", render: (row) => (row.isCurrent ? "" : delta(usd(row.delta))) },
    {
      id: "try",
      label: say("tryOut"),
      hidesLabel: true,
      isNarrow: true,
      render: ({ setting, name }) => (
        <Button
          size="sm"
          isPressed={tried?.setting === setting}
          label={say("tryOf", { name: inWords(name) })}
          onClick={() => onTry(setting)}
        >
          {say("tryOut")}
        </Button>
      ),
    },
  ];
  const name = inWords(control.name);
  return (
    <Card title={name} isFlush>
      <Table caption={name} hidesCaption columns={columns} rows={control.settings} rowKey={({ setting }) => setting} />
    </Card>
  );
}
