import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { validateResource } from "../../../core/fhir/index.ts";
import { checkNarrative } from "../../../core/fhir/narrative.ts";
import { resource, seed } from "./fixtures.ts";

const div = (inner: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${inner}</div>`;

/** AT-42: each was an attack on somebody's sanitizer. */
const ATTACKS: readonly (readonly [string, string])[] = [
  ["script", div("<script>alert(1)</script>")],
  ["script in capitals", div("<SCRIPT>alert(1)</SCRIPT>")],
  ["script across a null", div("<scr\0ipt>alert(1)</scr\0ipt>")],
  ["script with a namespace prefix", div(`<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>`)],
  ["image error handler", div(`<img src="x" onerror="alert(1)"/>`)],
  ["handler on an allowed image", div(`<img src="#i" onerror="alert(1)"/>`)],
  ["handler in capitals", div(`<p ONCLICK="alert(1)">x</p>`)],
  ["handler after a slash", div(`<img/src="#i"/onerror=alert(1)>`)],
  ["handler without quotes", div(`<p onclick=alert(1)>x</p>`)],
  ["focus handler with autofocus", div(`<p tabindex="1" autofocus="" onfocus="alert(1)">x</p>`)],
  ["animation handler", div(`<p style="animation-name:x" onanimationstart="alert(1)">x</p>`)],
  ["svg", div(`<svg onload="alert(1)"></svg>`)],
  ["svg with script", div(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)],
  ["svg use", div(`<svg><use href="data:image/svg+xml;base64,PHN2Zz4="/></svg>`)],
  ["svg animate", div(`<svg><a><animate attributeName="href" values="javascript:alert(1)"/><text>x</text></a></svg>`)],
  ["svg foreignObject", div("<svg><foreignObject><body/></foreignObject></svg>")],
  ["javascript link", div(`<a href="javascript:alert(1)">x</a>`)],
  ["javascript link in mixed case", div(`<a href="JaVaScRiPt:alert(1)">x</a>`)],
  ["javascript link with entities", div(`<a href="&#106;avascript:alert(1)">x</a>`)],
  ["javascript link with hex entities", div(`<a href="&#x6A;&#x61;vascript&#58;alert(1)">x</a>`)],
  ["javascript link with a tab", div(`<a href="java&#9;script:alert(1)">x</a>`)],
  ["javascript link with a line break", div(`<a href="java\nscript:alert(1)">x</a>`)],
  ["javascript link with HTML5 entities", div(`<a href="javascript&colon;alert(1)">x</a>`)],
  ["javascript link with a leading control", div(`<a href="&#1;javascript:alert(1)">x</a>`)],
  ["javascript link with a leading space", div(`<a href=" javascript:alert(1)">x</a>`)],
  ["vbscript link", div(`<a href="vbscript:msgbox(1)">x</a>`)],
  ["data link", div(`<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>`)],
  ["xlink", div(`<a xlink:href="javascript:alert(1)">x</a>`)],
  ["ping", div(`<a href="#x" ping="https://evil.example/">x</a>`)],
  ["external image", div(`<img src="https://evil.example/beacon.png"/>`)],
  ["protocol-relative image", div(`<img src="//evil.example/beacon.png"/>`)],
  ["relative image", div(`<img src="/fhir/Patient?_count=1"/>`)],
  ["srcset", div(`<img src="#i" srcset="https://evil.example/x 2x"/>`)],
  ["svg as data image", div(`<img src="data:image/svg+xml;base64,PHN2Zz4="/>`)],
  ["data image with a second type", div(`<img src="data:image/png;base64,AAAA;text/html"/>`)],
  ["style element", div("<style>@import 'https://evil.example/x.css';</style>")],
  ["@import in style", div(`<p style="@import url(https://evil.example/x.css)">x</p>`)],
  ["url() in style", div(`<p style="background:url(https://evil.example/x)">x</p>`)],
  ["url() escaped in style", div(String.raw`<p style="background:\75rl(https://evil.example/x)">x</p>`)],
  ["url() across a comment", div(`<p style="background:u/**/rl(https://evil.example/x)">x</p>`)],
  ["image-set in style", div(`<p style="background:image-set('https://evil.example/x' 1x)">x</p>`)],
  ["expression in style", div(`<p style="width:expression(alert(1))">x</p>`)],
  ["behavior in style", div(`<p style="behavior:url(#default)">x</p>`)],
  ["-moz-binding", div(`<p style="-moz-binding:url(https://evil.example/x#y)">x</p>`)],
  ["fixed overlay", div(`<p style="position:fixed;top:0;left:0;width:100%;height:100%">x</p>`)],
  ["custom property", div(`<p style="--x:1">x</p>`)],
  ["MathML", div(`<math><maction actiontype="statusline" xlink:href="javascript:alert(1)">x</maction></math>`)],
  [
    "mXSS through MathML and table",
    div(
      `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=alert(1)&gt;"/></mglyph></table></mtext></math>`,
    ),
  ],
  ["mXSS through noscript", div(`<noscript><p title="</noscript><img src=x onerror=alert(1)>"></p></noscript>`)],
  ["mXSS through a raw angle bracket in an attribute", div(`<p title="</p><img src=x onerror=alert(1)>">x</p>`)],
  ["comment that HTML ends early", div("<!--><img src=x onerror=alert(1)>--><p>x</p>")],
  ["comment with a dash", div("<!-- a--!><img src=x onerror=alert(1)> --><p>x</p>")],
  ["conditional comment", div("<!--[if IE]><script>alert(1)</script><![endif]--><p>x</p>")],
  ["CDATA", div("<![CDATA[<script>alert(1)</script>]]>")],
  ["processing instruction", div(`<?xml-stylesheet href="https://evil.example/x"?><p>x</p>`)],
  ["doctype with an entity", `<!DOCTYPE div [<!ENTITY x "<script>alert(1)</script>">]>${div("&x;")}`],
  ["external entity", `<!DOCTYPE div [<!ENTITY x SYSTEM "file:///etc/passwd">]>${div("&x;")}`],
  ["unknown entity", div("&x;")],
  ["entity without its end", div("&lt")],
  ["bare ampersand", div("a & b")],
  ["character reference to NUL", div("&#0;")],
  ["character reference to a surrogate", div("&#xD800;")],
  ["iframe", div(`<iframe src="https://evil.example/"></iframe>`)],
  ["iframe srcdoc", div(`<iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;"></iframe>`)],
  ["object", div(`<object data="https://evil.example/x.swf"></object>`)],
  ["embed", div(`<embed src="https://evil.example/x.swf"/>`)],
  ["form", div(`<form action="https://evil.example/"><p>x</p></form>`)],
  ["input", div(`<input name="password"/>`)],
  ["button with formaction", div(`<button formaction="javascript:alert(1)">x</button>`)],
  ["textarea", div("<textarea></textarea>")],
  ["base", div(`<base href="https://evil.example/"/>`)],
  ["link", div(`<link rel="stylesheet" href="https://evil.example/x.css"/>`)],
  ["meta refresh", div(`<meta http-equiv="refresh" content="0;url=https://evil.example/"/>`)],
  ["template", div("<template><script>alert(1)</script></template>")],
  ["video", div(`<video src="https://evil.example/x"></video>`)],
  ["details toggle", div(`<details open="" ontoggle="alert(1)">x</details>`)],
  ["marquee", div(`<marquee onstart="alert(1)">x</marquee>`)],
  ["isindex", div("<isindex/>")],
  ["custom element", div("<x-y>x</x-y>")],
  ["slot", div("<slot>x</slot>")],
  ["DOM clobbering by image name", div(`<img src="#i" name="getElementById"/>`)],
  ["DOM clobbering by id", div(`<p id="cookie">x</p>`)],
  ["DOM clobbering of a global", div(`<p id="defaultView">x</p>`)],
  ["blockquote cite", div(`<blockquote cite="javascript:alert(1)">x</blockquote>`)],
  ["table background", div(`<table background="https://evil.example/x"><tr><td>x</td></tr></table>`)],
  ["body", "<body><p>x</p></body>"],
  ["head inside", div("<head></head><p>x</p>")],
  ["no namespace", "<div><p>x</p></div>"],
  ["another namespace", `<div xmlns="http://www.w3.org/2000/svg"><p>x</p></div>`],
  ["namespace changed inside", div(`<p xmlns="http://www.w3.org/2000/svg">x</p>`)],
  ["two roots", div("x") + div("y")],
  ["text before the root", `x${div("y")}`],
  ["text after the root", `${div("y")}x`],
  ["comment before the root", `<!-- x -->${div("y")}`],
  ["crossed tags", div("<b><i>x</b></i>")],
  ["unclosed tag", div("<b>x")],
  ["closing too much", div("x</b>")],
  ["attribute twice", div(`<p class="a" class="b">x</p>`)],
  ["attribute without a value", div("<p hidden>x</p>")],
  ["quote left open", div(`<p class="a>x</p>`)],
  ["]]> in text", div("a ]]> b")],
  ["control character", div("a\u0008b")],
  ["no markup", "plain text"],
  ["nothing", " "],
];

describe("checkNarrative", () => {
  it.each(ATTACKS)("AT-42 refuses %s under txt-1", (_, markup) => {
    expect(checkNarrative(markup)).toBe("txt-1");
  });

  it.each([
    ["an empty root", div("")],
    ["white space", div(" \n ")],
    ["a self-closed root", `<div xmlns="http://www.w3.org/1999/xhtml"/>`],
    ["non-breaking spaces", div("<p>&nbsp;&#160;</p>")],
    ["a comment alone", div("<!-- nothing -->")],
  ])("refuses %s under txt-2", (_, markup) => {
    expect(checkNarrative(markup)).toBe("txt-2");
  });

  it.each([
    ["text", div("Ines Novák &amp; co. &#169; &nbsp; 5 &lt; 6")],
    ["structure", div(`<h1>A</h1><p class="x y">b<br/>c</p><ul><li>d</li></ul><hr/><pre>e</pre>`)],
    [
      "a table",
      div(
        `<table class="grid" border="1" cellpadding="2" cellspacing="0"><thead><tr><th scope="col" colspan="2">a</th></tr></thead><tbody><tr><td style="white-space: nowrap">b</td><td valign="top"/></tr></tbody></table>`,
      ),
    ],
    [
      "links",
      div(
        `<a name="x"> </a><a href="#x">in</a><a href="https://hl7.org/fhir?a=b&amp;c=d">out</a><a href="mailto:a@example.org">mail</a><a href="Patient/1">record</a><a href="tel:+1555">tel</a>`,
      ),
    ],
    ["a contained image", div(`<img src="#image1" alt="scan"/>`)],
    ["an image in the text", div(`<img src="data:image/png;base64,iVBORw0KGgo=" alt="dot"/>`)],
    [
      "styles",
      div(
        `<p style="color: #333; background-color: rgb(1, 2, 3); border: 1px solid #ccc; text-align : var(--ig-left,left);">x</p>`,
      ),
    ],
    [
      "single quotes",
      `<div xmlns='http://www.w3.org/1999/xhtml' xml:lang='en' lang='en'><p title='"quoted"'>x</p></div>`,
    ],
    ["an id that can not shadow", div(`<p id="patient-1">x</p>`)],
    ["a comment", div("<!-- generated --><p>x</p>")],
    ["white space around", `\n ${div("x")} \n`],
    ["characters beyond the first plane", div("😀")],
  ])("accepts %s", (_, markup) => {
    expect(checkNarrative(markup)).toBeUndefined();
  });

  it("lets nothing through that holds what an attack needs, however it is put together", () => {
    const PIECES =
      '< > </ /> div p a img script svg = " \' href src style onerror javascript: &#106; & ; <!-- --> x : url( ) <p> </p> ">';
    const pieces = fc.constantFrom(" ", `<a href="`, ...PIECES.split(" "));
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 14 }), (parts) => {
        const markup = div(parts.join(""));
        if (checkNarrative(markup) !== undefined) return;
        const tags = markup.match(/<[^!][^>]*>/g) ?? [];
        for (const tag of tags) {
          // A link to a page of ours that is called "script" is a link: names are looked at without the values.
          expect(tag.replaceAll(/"[^"]*(?:"|$)|'[^']*(?:'|$)/g, "")).not.toMatch(/script|svg|\son/i);
          expect(tag).not.toMatch(/style=.[^"]*url\(|href=.\s*javascript:/i);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ["unclosed tags", div("<b>".repeat(50_000))],
    ["spaces in a tag", `<div ${" ".repeat(200_000)}`],
    ["ampersands", div("&".repeat(200_000))],
    ["dashes", div(`<!--${"-".repeat(200_000)}`)],
    ["style", div(`<p style="${"a(".repeat(100_000)}">x</p>`)],
    ["href", div(`<a href="${"a".repeat(200_000)}:">x</a>`)],
  ])("stays linear on many %s", (_, markup) => {
    const startMs = process.cpuUsage().user / 1000;
    expect(checkNarrative(markup)).toBe("txt-1");
    // A quadratic reading of 200,000 characters takes minutes.
    expect(process.cpuUsage().user / 1000 - startMs).toBeLessThan(5_000);
  });
});

describe("a resource with a narrative", () => {
  it.each(ATTACKS)("AT-42 is refused with %s, at the div and without an echo", (_, markup) => {
    const result = validateResource({ ...seed("Patient"), text: { status: "generated", div: markup } });
    expect(result.ok).toBe(false);
    const issues = result.ok ? [] : result.error.issues;
    expect(issues.map(({ path }) => path)).toEqual(["Patient.text.div"]);
  });

  it("is refused in a contained resource too", () => {
    const medication = { resourceType: "Medication", id: "med", text: { status: "generated", div: div("<script/>") } };
    const result = validateResource({ ...seed("MedicationRequest"), contained: [medication] });
    expect(result).toMatchObject({
      ok: false,
      error: { issues: [{ path: "MedicationRequest.contained[0].text.div", rule: "txt-1" }] },
    });
  });

  it("is accepted with markup that only formats", () => {
    expect(resource("Patient", { text: { status: "generated", div: div("<p>x</p>") } }).resourceType).toBe("Patient");
  });
});
