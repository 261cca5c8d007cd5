import MarkdownIt, { type Token } from "markdown-it";

/** What a text of a person may become. All else is shown as it was typed. */
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

/** The title of the page is its only h1. */
markdown.core.ruler.push("headings", ({ tokens }) => {
  for (const token of tokens) if (token.tag === "h1") token.tag = "h2";
});

/** The last line of defence: no tag and no attribute beyond the lists above, whatever a rule may have made. */
markdown.core.ruler.push("allow_list", ({ tokens }) => {
  for (const token of tokens.flatMap((each) => [each, ...(each.children ?? [])])) allow(token);
});

function allow(token: Token): void {
  if (token.type === "link_open") token.attrSet("rel", rel);
  if (token.tag !== "" && token.tag !== "img" && !tags.has(token.tag)) token.hidden = true;
  const allowed = attributes[token.tag] ?? [];
  if (token.attrs && token.tag !== "img") {
    token.attrs = token.attrs.filter(([name]) => allowed.includes(name));
  }
}

/**
 * How long the addresses and titles of all links may be together: more than 64 KB that are written out can become. A
 * reference repeats its own wherever it is used, so that 64 KB could become 260 MB; what is too much stays plain text.
 */
const mostOfLinks = 200_000;

markdown.core.ruler.push("links", ({ tokens }) => {
  let length = 0;
  let dropping = false;
  for (const token of tokens.flatMap(({ children }) => children ?? [])) {
    if (token.type === "link_open" || token.type === "image") {
      length += (token.attrs ?? []).reduce((sum, [, value]) => sum + String(value).length, 0);
    }
    if (token.type === "link_open") dropping = length > mostOfLinks;
    if (token.type === "link_open" || token.type === "link_close") token.hidden ||= dropping;
    if (token.type === "image" && length > mostOfLinks) token.attrSet("src", "");
  }
});

const { escapeHtml } = markdown.utils;

/** Pictures from elsewhere would tell others who reads here; a link lets the reader decide. */
markdown.renderer.rules["image"] = (tokens, index) => {
  const token = tokens[index];
  const source = String(token?.attrGet("src") ?? "");
  const text = escapeHtml(`${token?.content || "picture"} (picture)`);
  return source ? `<a href="${escapeHtml(source)}" rel="${rel}">${text}</a>` : text;
};

/** Code and tables may be wider than the page: they scroll, by keyboard too. */
const code = (tokens: readonly Token[], index: number) =>
  `<pre tabindex="0"><code>${escapeHtml(tokens[index]?.content ?? "")}</code></pre>\n`;
markdown.renderer.rules["fence"] = code;
markdown.renderer.rules["code_block"] = code;
markdown.renderer.rules["table_open"] = () =>
  '<div class="wide" role="region" aria-label="Table" tabindex="0"><table>\n';
markdown.renderer.rules["table_close"] = () => "</table></div>\n";

export function renderMarkdown(text: string): string {
  return markdown.render(text);
}

const excerptLength = 240;

/** The beginning of a post in Markdown, as plain text of a few lines. */
export function excerptOf(beginning: string): string {
  return shorten(plainText(beginning));
}

function plainText(text: string): string {
  const tokens = markdown.parse(text, {});
  const table = tokens.findIndex(({ type }) => type === "table_open"); // cells in a row are no sentence
  const blocks = tokens.slice(0, table < 0 ? undefined : table).filter(({ type }) => type === "inline");
  const words = blocks.map(({ children }) =>
    (children ?? []).map(({ type, content }) => (type.endsWith("break") ? " " : content)).join(""),
  );
  return words.join(" ").replace(/\s+/g, " ").trim();
}

const characters = new Intl.Segmenter("en");

/** Cut between words where there are any, and never within what a reader sees as one character. */
function shorten(text: string): string {
  const last = characters.segment(text).containing(excerptLength);
  if (last === undefined) return text;
  const cut = text.slice(0, last.index);
  return `${cut.replace(/[\s,;:]+\S{0,30}$/, "").replace(/[,;:]+$/, "")}…`;
}
