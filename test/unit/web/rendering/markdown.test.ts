import { describe, expect, test } from "vitest";
import { excerptOf, renderMarkdown } from "../../../../src/web/rendering/markdown.ts";

describe("Markdown", () => {
  test.each([
    ["*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <s>c</s> <code>d</code></p>"],
    ['"quoted"', "<p>“quoted”</p>"],
    ["(c) -- ...", "<p>(c) -- ...</p>"],
    ["# Title", "<h2>Title</h2>"],
    ["3. a", '<ol start="3">\n<li>a</li>\n</ol>'],
    ["<b>a</b>", "<p>&lt;b&gt;a&lt;/b&gt;</p>"],
    ["[a](https://b.example)", '<p><a href="https://b.example" rel="nofollow ugc noopener">a</a></p>'],
    ["[a](mailto:b@c.example)", '<p><a href="mailto:b@c.example" rel="nofollow ugc noopener">a</a></p>'],
    ["[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"],
    ["[a](/authors)", "<p>[a](/authors)</p>"],
    [
      "![a *cat*](https://b.example/c.png)",
      '<p><a href="https://b.example/c.png" rel="nofollow ugc noopener">a *cat* (picture)</a></p>',
    ],
    ["```js onload=x\n<a>\n```", '<pre tabindex="0"><code>&lt;a&gt;\n</code></pre>'],
  ])("%s", (text, html) => {
    expect(renderMarkdown(text).html.trim()).toBe(html);
  });

  test("a table has no style of its own, and can be scrolled with the keyboard", () => {
    const { html } = renderMarkdown("| a | b |\n| :- | -: |\n| 1 | 2 |");
    expect(html).toMatch(/^<div class="wide" role="region" aria-label="Table" tabindex="0"><table>/);
    expect(html).not.toContain("style");
  });
});

test.each(["[a]\n", "![a]\n"])(
  "a reference that is used over and over (%j) cannot fill the memory",
  (use) => {
    const reference = `[a]: https://b.example/${"c".repeat(30_000)} "${"&".repeat(1_000)}"`;
    const { html } = renderMarkdown(`${reference}\n\n${use.repeat(30_000 / use.length)}`);
    expect(html.length).toBeLessThan(1_000_000);
    expect(html.match(/<a /g)).toHaveLength(6);
    expect(html.match(/<a /g)).toHaveLength(html.match(/<\/a>/g)?.length ?? 0);
    expect(html).toMatch(/\na( \(picture\))?<\/p>\n$/);
  },
);

test("all plain links in the longest text become links", () => {
  const { html } = renderMarkdown("[a](https://b.example/\u4e00) ".repeat(2_000));
  expect(html.match(/<a /g)).toHaveLength(2_000);
});

describe("the text of a post", () => {
  test("has an excerpt without Markdown, cut between words and never within a character", () => {
    expect(excerptOf("# A *b*\n\n- [c](https://d.example)\n- `e`")).toBe("A b c e");
    expect(excerptOf("Before.\n\n| a | b |\n| - | - |\n| 1 | 2 |")).toBe("Before.");
    expect(excerptOf("word ".repeat(100))).toBe(`${"word ".repeat(48).trim()}…`);
    expect(excerptOf("👩‍👩‍👧‍👦".repeat(300))).toBe(`${"👩‍👩‍👧‍👦".repeat(21)}…`);
  });
});
