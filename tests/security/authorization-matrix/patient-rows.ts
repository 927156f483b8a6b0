import type { Caller } from "../world.ts";
import type { Row } from "./rows.ts";
import type { Role, Scene } from "./scene.ts";

/** Who the clinic's patients are: the desk and who treats keep the registry, billing looks at it, a physician merges. */

const KEEPERS: readonly Role[] = ["physician", "nurse", "front-desk"];
const READERS: readonly Role[] = [...KEEPERS, "billing"];
let made = 0;
/** Somebody whom nobody is like. */
const demographics = () => ({
  family: `Matrix${String.fromCodePoint(
    ...String((made += 1))
      .split("")
      .map((digit) => 97 + Number(digit)),
  )}`,
  given: "Row",
  birthDate: new Date(Date.UTC(1930, 0, made)).toISOString().slice(0, 10),
  sex: "unknown",
  phones: [],
});

async function registered({ world }: Scene): Promise<string> {
  const answer = await world.a.desk.send("POST", "/clinic/patients", { body: { demographics: demographics() } });
  if (answer.status !== 201) throw new Error(`a registration was refused: ${answer.text}`);
  return String(answer.body["patient"]?.["id"]);
}
const pair = async (scene: Scene) => [await registered(scene), await registered(scene)] as const;
const merging = (duplicate: string) => ({
  duplicate,
  versions: { survivor: 1, duplicate: 1 },
  reason: "The same person",
});

export const PATIENTS: readonly Row[] = [
  {
    route: "searchPatients",
    on: "the clinic",
    status: 200,
    roles: READERS,
    ask: (_scene, by) => by.send("POST", "/clinic/patients/search", { body: { text: "nobody" } }),
  },
  {
    route: "recentPatients",
    on: "one's own",
    status: 200,
    roles: READERS,
    ask: (_scene, by) => by.send("GET", "/clinic/patients/recent"),
  },
  {
    route: "noteRecentPatient",
    on: "one's own",
    status: 200,
    roles: READERS,
    ask: async (scene, by) =>
      by.send("POST", "/clinic/patients/recent", { body: { patient: await registered(scene) } }),
  },
  {
    route: "registerPatient",
    on: "the clinic",
    status: 201,
    roles: KEEPERS,
    ask: (_scene, by) => by.send("POST", "/clinic/patients", { body: { demographics: demographics() } }),
  },
  {
    route: "readPatient",
    on: "another's",
    status: 200,
    roles: READERS,
    ask: async (scene, by) => by.send("GET", `/clinic/patients/${await registered(scene)}`),
  },
  {
    route: "editPatient",
    on: "another's",
    status: 200,
    roles: KEEPERS,
    ask: async (scene, by) =>
      by.send("PUT", `/clinic/patients/${await registered(scene)}`, {
        body: { demographics: demographics() },
        headers: { "if-match": 'W/"1"' },
      }),
  },
  {
    route: "reviewMerge",
    on: "two others'",
    status: 200,
    roles: ["physician"],
    ask: async (scene, by) => {
      const [id, duplicate] = await pair(scene);
      return by.send("POST", `/clinic/patients/${id}/merge/review`, { body: { duplicate } });
    },
  },
  ...(["mergePatients", "unmergePatients"] as const).map((route): Row => ({
    route,
    on: "two others', without both factors again",
    status: 200,
    roles: [],
    ask: async (scene: Scene, by: Caller) => {
      const [id, duplicate] = await pair(scene);
      return route === "mergePatients"
        ? by.send("POST", `/clinic/patients/${id}/merge`, { body: merging(duplicate) })
        : by.send("POST", `/clinic/patients/${duplicate}/unmerge`, { body: { reason: "Two people" } });
    },
  })),
];
