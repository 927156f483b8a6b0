import {
  ExternalLink,
  Heading,
  Kbd,
  Link,
  LiveText,
  QrCode,
  Row,
  Stack,
  Text,
  VisuallyHidden,
} from "../src/ui/index.ts";
import type { Story } from "./story.ts";

const tones = ["default", "muted", "info", "success", "warning", "danger", "restricted"] as const;

export const stories: readonly Story[] = [
  {
    id: "text",
    title: "Text, Heading, Link, Kbd",
    render: () => (
      <Stack>
        <Heading level={3} size={1}>
          A page
        </Heading>
        <Heading level={3} size={2}>
          A section
        </Heading>
        {tones.map((tone) => (
          <Text key={tone} tone={tone}>
            {`Text that is ${tone}`}
          </Text>
        ))}
        <Text size="lg" isStrong>
          Strong and large
        </Text>
        <LiveText>Seven were found</LiveText>
        <Text isProse>{"What somebody wrote,\non two lines."}</Text>
        <Row>
          <Link to="/app/">A link</Link>
          <ExternalLink href="/app/icon.svg">A file</ExternalLink>
          <Kbd>Ctrl</Kbd>
          <Text as="span" isCode>
            01hxyz
          </Text>
          <VisuallyHidden>Said and not shown</VisuallyHidden>
        </Row>
      </Stack>
    ),
  },
  {
    id: "qr-code",
    title: "QrCode",
    render: () => (
      <QrCode text="otpauth://totp/Keyward:somebody?secret=JBSWY3DPEHPK3PXP&issuer=Keyward" label="A key" />
    ),
  },
];
