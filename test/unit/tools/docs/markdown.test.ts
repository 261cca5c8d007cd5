import { describe, expect, test } from "vitest";
import { headingsOf, parse, render } from "../../../../tools/docs/markdown.ts";

const html = (text: string) => render(parse(text), (link) => `<${link}>`);

test("a page has a title, sections with their texts, and links", () => {
  const { title, sections, links } = parse(
    "# The *page*\n\nFirst `words`.\n\n## A part\n\n[a](b.md#c) ![d](e.png)\n\n```sh\nnpm test\n```\n",
  );
  expect(title).toBe("The page");
  expect(sections).toEqual([
    { level: 1, id: "the-page", title: "The page", text: "First words. " },
    { level: 2, id: "a-part", title: "A part", text: "a d npm test\n " },
  ]);
  expect(links).toEqual(["b.md#c", "e.png"]);
});

test.each([
  ["## 2.3 Publish it (8 minutes)", ["23-publish-it-8-minutes"]],
  ["## What is `personal`?", ["what-is-personal"]],
  ["## Éclair, naïve & 日本", ["éclair-naïve--日本"]],
  ["## Same\n\n## Same\n\n## Same", ["same", "same-1", "same-2"]],
  ["```sh\n# no heading\n```", []],
])("headings are named as a Git host names them: %s", (text, names) => {
  expect(headingsOf(text)).toEqual(names);
});

describe("as HTML", () => {
  test("a heading is a link to itself, if it has no other", () => {
    expect(html("## A part")).toBe('<h2 id="a-part"><a class="anchor" href="#a-part">A part</a></h2>\n');
    expect(html("## A [part](b)")).toBe('<h2 id="a-part">A <a href="&lt;b&gt;">part</a></h2>\n');
  });

  test("> [!NOTE] is a box, and another quotation is none", () => {
    expect(html("> [!NOTE]\n> Some *words*.\n>\n> - more")).toBe(
      '<div class="box note">\n<p>Some <em>words</em>.</p>\n<ul>\n<li>more</li>\n</ul>\n</div>\n',
    );
    expect(html("> [!WARNING]\n> Hot")).toBe(
      '<div class="box warning">\n<p class="label">Warning</p>\n<p>Hot</p>\n</div>\n',
    );
    expect(html("> [!NOTE] on one line")).toContain("<blockquote>");
    expect(html("> words")).toBe("<blockquote>\n<p>words</p>\n</blockquote>\n");
  });

  test("details are HTML, and no other tag is", () => {
    const text = "<details>\n<summary>More</summary>\n\nof *this*\n\n</details>";
    expect(html(text)).toBe("<details>\n<summary>More</summary>\n<p>of <em>this</em></p>\n</details>");
    expect(html("Take <id>, <!-- nothing --> <kbd>Enter</kbd>")).toBe(
      "<p>Take &lt;id>,  <kbd>Enter</kbd></p>\n",
    );
    expect(html("<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>")).not.toMatch(/<(script|img)/);
    expect(html("[x](javascript:alert(1))")).not.toContain("<a");
  });

  test("a table scrolls, and has no styles that the policy refuses", () => {
    const table = html("| a | b |\n| --- | ---: |\n| 1 | 2 |");
    expect(table).toMatch(/^<div class="wide".*<table>/);
    expect(table).toContain('<th class="right">b</th>');
    expect(table).not.toContain("style=");
  });

  test.each([
    [
      "ts",
      'const a = "<b>"; // c',
      'const a = <span class="text">&#34;&lt;b&gt;&#34;</span>; <span class="comment">// c</span>',
    ],
    [
      "console",
      "$ npm test\n<ok>",
      '<span class="prompt">$ </span><span class="command">npm test</span>\n<span class="output">&lt;ok&gt;</span>',
    ],
    ["sh", "npm test # all", 'npm test <span class="comment"># all</span>'],
    ["text", "<b> // c", "&lt;b&gt; // c"],
  ])("code: %s", (language, code, expected) => {
    expect(html(`\`\`\`${language}\n${code}\n\`\`\``)).toBe(
      `<div class="code" data-language="${language}"><pre tabindex="0"><code>${expected}\n</code></pre></div>\n`,
    );
  });
});
