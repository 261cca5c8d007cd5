import MarkdownIt, { type Token } from "markdown-it";

/** The HTML that a person's text may become. Everything else is shown as it was typed. */
const tags = new Set(
  "p br hr h2 h3 h4 h5 h6 em strong s a ul ol li blockquote pre code table thead tbody tr th td".split(" "),
);
const attributes: Readonly<Record<string, readonly string[]>> = {
  a: ["href", "title", "rel"],
  ol: ["start"],
};
const rel = "nofollow ugc noopener";

const markdown = new MarkdownIt({ html: false, typographer: true }).disable("replacements");
markdown.validateLink = (url) => /^(https?:\/\/|mailto:)[^\s\\]+$/i.test(url);

/**
 * The longest total length of the addresses and titles of all links. A reference repeats its address wherever it is used, so 64 KB
 * of text could become 260 MB. Links beyond the limit stay plain text.
 */
const mostOfLinks = 200_000;

/** The last check: removes every tag and attribute that is not in the lists above. */
markdown.core.ruler.push("allow_list", ({ tokens }) => {
  const links = { length: 0, isTooMuch: false };
  for (const token of tokens) {
    if (token.tag === "h1") token.tag = "h2"; // the title of the page is its only h1
    allow(token);
    for (const child of token.children ?? []) {
      limit(child, links);
      allow(child);
    }
  }
});

function limit(token: Token, links: { length: number; isTooMuch: boolean }): void {
  const { type, attrs } = token;
  if (type === "link_open" || type === "image") {
    for (const [, value] of attrs ?? []) links.length += String(value).length;
    links.isTooMuch = links.length > mostOfLinks;
  }
  if (!links.isTooMuch) return;
  if (type === "link_open" || type === "link_close") token.hidden = true;
  if (type === "image") token.attrSet("src", "");
}

function allow(token: Token): void {
  const { tag } = token;
  if (tag === "" || tag === "img") return;
  if (!tags.has(tag)) token.hidden = true;
  if (token.type === "link_open") token.attrSet("rel", rel);
  const allowed = attributes[tag] ?? [];
  token.attrs &&= token.attrs.filter(([name]) => allowed.includes(name));
}

const { escapeHtml } = markdown.utils;

/** A picture from another site would tell that site who reads here. So it becomes a link, and the reader decides. */
markdown.renderer.rules["image"] = (tokens, index) => {
  const token = tokens[index];
  const source = String(token?.attrGet("src") ?? "");
  const text = escapeHtml(`${token?.content || "picture"} (picture)`);
  return source ? `<a href="${escapeHtml(source)}" rel="${rel}">${text}</a>` : text;
};

/** Code and tables may be wider than the page. They scroll, also by keyboard. */
const code = (tokens: readonly Token[], index: number) =>
  `<pre tabindex="0"><code>${escapeHtml(tokens[index]?.content ?? "")}</code></pre>\n`;
markdown.renderer.rules["fence"] = code;
markdown.renderer.rules["code_block"] = code;
markdown.renderer.rules["table_open"] = () =>
  '<div class="wide" role="region" aria-label="Table" tabindex="0"><table>\n';
markdown.renderer.rules["table_close"] = () => "</table></div>\n";

const excerptLength = 240;

/** The HTML of a text in Markdown. */
export interface RenderedText {
  readonly html: string;
  readonly excerpt: string;
  readonly length: number;
}

export function renderMarkdown(text: string): RenderedText {
  const tokens = markdown.parse(text, {});
  const html = markdown.renderer.render(tokens, markdown.options, {});
  const excerpt = shorten(plainText(tokens));
  return { html, excerpt, length: html.length + excerpt.length };
}

/** The beginning of a post in Markdown, as plain text of a few lines. */
export function excerptOf(beginning: string): string {
  return shorten(plainText(markdown.parse(beginning, {})));
}

/** The text before the first table, because cells are no sentences. At least as long as an excerpt. */
function plainText(tokens: readonly Token[]): string {
  let text = "";
  for (const { type, children } of tokens) {
    if (type === "table_open" || text.length > 4 * excerptLength) break;
    if (type === "inline") text += `${(children ?? []).map(wordsOf).join("")} `;
  }
  return text.replace(/\s+/g, " ").trim();
}

function wordsOf({ type, content }: Token): string {
  return type.endsWith("break") ? " " : content;
}

const characters = new Intl.Segmenter("en");

/** Cuts between words if possible, and never inside a character as readers see it. */
function shorten(text: string): string {
  const last = characters.segment(text).containing(excerptLength);
  if (last === undefined) return text;
  const cut = text.slice(0, last.index);
  return `${cut.replace(/[\s,;:]+\S{0,30}$/, "").replace(/[,;:]+$/, "")}…`;
}
