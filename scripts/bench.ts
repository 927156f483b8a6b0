// `npm run bench`: what things cost here, as ratios within one run. Nothing of it is a test.
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { benchArchive } from "./bench/archive.ts";
import { benchAudit } from "./bench/audit.ts";
import { benchBooks } from "./bench/books.ts";
import { benchCold } from "./bench/cold.ts";
import { benchCrypto } from "./bench/crypto.ts";
import { type Figure, formatFigures } from "./bench/figures.ts";
import { benchIam } from "./bench/iam.ts";
import { benchImport } from "./bench/import.ts";
import { benchPolicy } from "./bench/policy.ts";
import { benchRequests } from "./bench/requests.ts";
import { openStage } from "./bench/stage.ts";
import { benchTrailIndex } from "./bench/trail-index.ts";

const SECTIONS = [
  "crypto",
  "iam",
  "policy",
  "audit",
  "archive",
  "trail",
  "books",
  "requests",
  "import",
  "cold",
] as const;
type Section = (typeof SECTIONS)[number];

const isSection = (text: string): text is Section => SECTIONS.some((section) => section === text);

function parseSections(text: string): Section[] {
  const sections = text.split(",");
  if (sections.every(isSection)) return sections;
  throw new InvalidArgumentError(`sections are ${SECTIONS.join(", ")}.`);
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (seconds >= 0.1 && seconds <= 60) return seconds;
  throw new InvalidArgumentError("seconds are 0.1 to 60.");
}

const parseEvents =
  (most: number) =>
  (text: string): number => {
    const events = Number(text);
    if (Number.isInteger(events) && events >= 1_000 && events <= most) return events;
    throw new InvalidArgumentError(`events are 1000 to ${most}.`);
  };

const program = new Command("bench")
  .description(
    "Measures the whole system on this machine: crypto, IAM, policy, audit, requests, import and cold starts.",
  )
  .option("--json", "print one JSON document instead of tables")
  .option("--only <sections>", `some of ${SECTIONS.join(",")}`, parseSections, [...SECTIONS])
  .option("--seconds <n>", "for each kind of request and number of clients", parseSeconds, 3)
  .option("--events <n>", "in the index that the trail is searched in", parseEvents(1_000_000), 20_000)
  .option("--archive <n>", "events of the archive that is built and verified", parseEvents(10_000_000), 100_000)
  .exitOverride();

interface Asked {
  readonly only: readonly Section[];
  readonly seconds: number;
  readonly events: number;
  readonly archive: number;
}

async function measure(
  { only: sections, seconds, events, archive }: Asked,
  tell: (text: string) => void,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  const run = async (section: Section, work: () => Figure[] | Promise<Figure[]>): Promise<void> => {
    if (!sections.includes(section)) return;
    tell(section);
    figures.push(...(await work()));
  };
  await run("crypto", benchCrypto);
  await run("iam", benchIam);
  await run("policy", benchPolicy);
  await run("audit", benchAudit);
  await run("archive", () => benchArchive(archive));
  await run("books", benchBooks);
  await run("trail", () => benchTrailIndex(events));
  if (!sections.some((section) => section === "requests" || section === "import" || section === "cold")) return figures;
  const stage = await openStage(1);
  try {
    await run("requests", () => benchRequests(stage, seconds));
    await run("import", () => benchImport(stage));
    await run("cold", () => benchCold(stage));
  } finally {
    await stage.close();
  }
  return figures;
}

try {
  program.parse();
  const { json = false, ...asked } = program.opts<Asked & { json?: boolean }>();
  const figures = await measure(asked, (section) => process.stderr.write(`bench: ${section} ...\n`));
  const { arch, platform, version: node } = process;
  const text = json ? JSON.stringify({ node, platform, arch, figures }, null, 2) : formatFigures(figures);
  process.stdout.write(`${text}\n`);
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
