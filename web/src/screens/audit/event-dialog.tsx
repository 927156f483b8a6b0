import type { TrailEventDetail } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import { AskState, type Definition, DefinitionList, Dialog, List, Section, Stack, Text } from "../../ui/index.ts";
import { governMessages } from "../govern/messages.ts";
import { nameIn, ChartLink, wordFor } from "../govern/who.tsx";
import { interactionMessages } from "./interaction-messages.ts";
import { auditMessages } from "./messages.ts";
import { auditWord, whatText } from "./words.ts";

const code = (text: string) => (
  <Text as="span" isCode size="sm">
    {text}
  </Text>
);

/** A row where there is something to say. */
const row = (term: string, value: Definition["value"] | undefined | false): readonly Definition[] =>
  value === undefined || value === false || value === "" ? [] : [{ term, value }];

function useFacts({ event, people, detail }: TrailEventDetail): readonly Definition[] {
  const [t, shared, format] = [useText(auditMessages), useText(governMessages), useFormat()];
  const say = useText(interactionMessages);
  const { actor, purpose, patient, sections, classes, count, approver, stage, reason, delegation, recipient } = event;
  return [
    { term: t("at"), value: format.dateTime(event.at) },
    {
      term: t("who"),
      value: `${nameIn(people, actor.user, shared)} (${actor.roles.map((role) => wordFor(shared, "role", role)).join(", ")})`,
    },
    ...row(t("onBehalf"), delegation && nameIn(people, delegation.user, shared)),
    { term: t("what"), value: whatText({ ...event, types: event.entities.map(({ type }) => type) }, t, say) },
    { term: t("outcome"), value: auditWord(t, "outcome", event.outcome) },
    ...row(t("why"), purpose && wordFor(shared, "purpose", purpose)),
    ...row(t("which"), patient && <ChartLink id={patient} />),
    ...row(t("sections"), sections?.join(", ")),
    ...row(t("classes"), classes.map((letter) => wordFor(shared, "class", letter)).join(", ")),
    ...row(t("count"), count === undefined ? undefined : format.number(count)),
    ...row(t("reasonCode"), reason?.code),
    ...row(t("stage"), stage && auditWord(t, "stage", stage)),
    ...row(t("approver"), approver && nameIn(people, approver, shared)),
    ...row(t("recipient"), recipient && nameIn(people, recipient, shared)),
    ...row(t("stage"), event.replay === true && t("replay")),
    ...row(t("source"), detail?.sourceIp),
    ...row(t("device"), detail?.userAgent),
  ];
}

function Why({ event }: Pick<TrailEventDetail, "event">) {
  const t = useText(auditMessages);
  const { decision, consent, outcome } = event;
  return (
    <Section title={t("decision")} level={3}>
      <Text>{auditWord(t, "decided", outcome)}</Text>
      <DefinitionList
        look="rows"
        items={[
          { term: t("rules"), value: decision.rules.length === 0 ? "–" : code(decision.rules.join(", ")) },
          { term: t("consent"), value: auditWord(t, "consent", consent.state) },
          { term: t("policyVersion"), value: code(decision.version.slice(0, 16)) },
          { term: t("decisionId"), value: code(decision.id.slice(0, 16)) },
        ]}
      />
    </Section>
  );
}

function Evidence({ event, receipt, archived, detail }: TrailEventDetail) {
  const t = useText(auditMessages);
  return (
    <Section title={t("evidence")} level={3}>
      <DefinitionList
        look="rows"
        items={[
          { term: t("receipt"), value: code(receipt) },
          { term: t("archived"), value: code(archived) },
          { term: t("request"), value: code(event.request) },
          { term: t("session"), value: code(event.actor.session) },
          { term: t("service"), value: code(event.service) },
          ...row(t("call"), detail && code(`${detail.method} ${detail.path}`)),
        ]}
      />
    </Section>
  );
}

function Shown({ found }: { readonly found: TrailEventDetail }) {
  const t = useText(auditMessages);
  const facts = useFacts(found);
  const touched = found.event.entities.filter(({ id }) => id !== undefined);
  return (
    <Stack>
      <DefinitionList look="rows" items={facts} />
      {touched.length > 0 && (
        <Section title={t("touched")} level={3}>
          <List
            label={t("touched")}
            look="bullets"
            items={touched}
            itemKey={({ type, id, version }) => `${type} ${id} ${version}`}
          >
            {({ type, id = "", version }) => code(`${type}/${id}${version === undefined ? "" : ` v${version}`}`)}
          </List>
        </Section>
      )}
      <Why event={found.event} />
      <Evidence {...found} />
    </Stack>
  );
}

interface EventDialogProps {
  readonly id: string;
  readonly onClose: () => void;
}

/** One event from the archive: what happened, why it was decided so, and what proves it. */
export function EventDialog({ id, onClose }: EventDialogProps) {
  const t = useText(auditMessages);
  const query = useAsk("readAuditEvent", { path: { id } }, { freshMs: Number.POSITIVE_INFINITY });
  return (
    <Dialog title={t("detailTitle")} isOpen onClose={onClose} size="lg">
      <AskState query={query} label={t("detailTitle")}>
        {(found) => <Shown found={found} />}
      </AskState>
    </Dialog>
  );
}
