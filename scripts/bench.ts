// `npm run bench`: what things cost here, as ratios within one run. Nothing of it is a test.
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { benchAudit } from "./bench/audit.ts";
import { benchCold } from "./bench/cold.ts";
import { benchCrypto } from "./bench/crypto.ts";
import { type Figure, formatFigures } from "./bench/figures.ts";
import { benchIam } from "./bench/iam.ts";
import { benchImport } from "./bench/import.ts";
import { benchRequests } from "./bench/requests.ts";
import { openStage } from "./bench/stage.ts";

const SECTIONS = ["crypto", "iam", "audit", "requests", "import", "cold"] as const;
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

const program = new Command("bench")
  .description("Measures the whole system on this machine: crypto, IAM, audit, requests, import and cold starts.")
  .option("--json", "print one JSON document instead of tables")
  .option("--only <sections>", `some of ${SECTIONS.join(",")}`, parseSections, [...SECTIONS])
  .option("--seconds <n>", "for each kind of request and number of clients", parseSeconds, 3)
  .exitOverride();

async function measure(sections: readonly Section[], seconds: number, tell: (text: string) => void): Promise<Figure[]> {
  const figures: Figure[] = [];
  const run = async (section: Section, work: () => Figure[] | Promise<Figure[]>): Promise<void> => {
    if (!sections.includes(section)) return;
    tell(section);
    figures.push(...(await work()));
  };
  await run("crypto", benchCrypto);
  await run("iam", benchIam);
  await run("audit", benchAudit);
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
  const { json = false, only, seconds } = program.opts<{ json?: boolean; only: Section[]; seconds: number }>();
  const figures = await measure(only, seconds, (section) => process.stderr.write(`bench: ${section} ...\n`));
  const { arch, platform, version: node } = process;
  const text = json ? JSON.stringify({ node, platform, arch, figures }, null, 2) : formatFigures(figures);
  process.stdout.write(`${text}\n`);
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
