import { QueryObserver } from "@tanstack/react-query";
import { afterEach, describe, expect, it } from "vitest";
import { answers, askAgain, doubtChart, forgetAnswers } from "../../../web/src/api/cache.ts";

afterEach(forgetAnswers);

/** A question that is on the screen, and how often it was sent. */
function shown(name: string, patient: string, answer: (time: number) => Promise<string>) {
  let times = 0;
  const observer = new QueryObserver(answers, {
    queryKey: ["tag", "tenant", name, { path: { id: patient } }],
    queryFn: () => {
      times += 1;
      return answer(times);
    },
  });
  const leave = observer.subscribe(() => undefined);
  return { observer, times: () => times, leave, settled: () => observer.getCurrentResult().fetchStatus === "idle" };
}
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe("POL-14 what is shown of a chart that was withdrawn", () => {
  it("POL-14 a refusal asks everything else of that chart once more, and nothing of another's", async () => {
    const refused = (patient: string) => (): Promise<string> => {
      doubtChart(patient);
      return Promise.reject(new Error("refused"));
    };
    const banner = shown("readBanner", "p1", (time) => (time === 1 ? Promise.resolve("banner") : refused("p1")()));
    const other = shown("readBanner", "p2", () => Promise.resolve("other"));
    await settle();
    const timeline = shown("readTimeline", "p1", refused("p1"));
    await settle();
    // Each was refused once, and neither asks for the other for ever.
    expect([banner.times(), timeline.times(), other.times()]).toEqual([2, 1, 1]);
    expect(banner.observer.getCurrentResult().status).toBe("error");
    for (const { leave } of [banner, other, timeline]) leave();
  });

  it("POL-9 what is on its way when an emergency becomes known is asked anew, and its answer not kept", async () => {
    let first: ((text: string) => void) | undefined;
    const banner = shown("readBanner", "p1", (time) =>
      time === 1 ? new Promise((resolve) => (first = resolve)) : Promise.resolve("in the emergency"),
    );
    const own = shown("ownBreakGlass", "none", () => Promise.resolve("episodes"));
    await settle();
    await askAgain("ownBreakGlass");
    first?.("for treatment");
    await settle();
    expect([banner.observer.getCurrentResult().data, banner.times(), own.times()]).toEqual(["in the emergency", 2, 1]);
    for (const { leave } of [banner, own]) leave();
  });
});
