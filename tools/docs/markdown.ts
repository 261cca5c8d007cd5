import MarkdownIt, { type Token } from "markdown-it";
import { highlighted } from "./highlight.ts";

/** A page in Markdown, as far as the other pages need it. */
export interface Document {
  readonly tokens: Token[];
  readonly title: string | undefined;
  readonly sections: readonly Section[];
  readonly links: readonly string[];
}

/** A heading and the text below it, without that of the next heading. */
export interface Section {
  readonly level: number;
  readonly id: string;
  readonly title: string;
  text: string;
}

/** Gives the address of a link or a picture, or nothing if it is to be a text. */
export type HrefOf = (link: string) => string | undefined;

const markdown = new MarkdownIt({ html: true, linkify: false });
markdown.core.ruler.push("docs", ({ tokens }) => {
  nameHeadings(tokens);
  for (const [at, token] of tokens.entries()) {
    if (token.type === "blockquote_open") makeBox(tokens, at);
    const isEmptyHeading = token.type === "th_open" && tokens[at + 1]?.content === "";
    if (isEmptyHeading) for (const each of tokens.slice(at, at + 3)) each.tag = "td";
  }
});

export function parse(text: string): Document {
  const tokens = markdown.parse(text, {});
  const sections = sectionsOf(tokens);
  const links = tokens
    .flatMap(({ children }) => children ?? [])
    .map((token) => token.attrGet("href") ?? token.attrGet("src"))
    .filter((link) => link !== null)
    .map(String);
  return { tokens, title: sections.find(({ level }) => level === 1)?.title, sections, links };
}

export function render({ tokens }: Document, hrefOf: HrefOf): string {
  return markdown.renderer.render(tokens, markdown.options, { hrefOf });
}

/** The names that links use for the headings of a page. */
export function headingsOf(text: string): string[] {
  return parse(text).sections.map(({ id }) => id);
}

/** As a Git host names it: "What is *personal*?" is "what-is-personal". */
function slug(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
    .replaceAll(" ", "-");
}

function nameHeadings(tokens: readonly Token[]): void {
  const times = new Map<string, number>();
  for (const [at, token] of tokens.entries()) {
    if (token.type !== "heading_open") continue;
    const name = slug(wordsOf(tokens[at + 1]));
    const before = times.get(name) ?? 0;
    times.set(name, before + 1);
    token.attrSet("id", before === 0 ? name : `${name}-${before}`);
  }
}

function sectionsOf(tokens: readonly Token[]): Section[] {
  const sections: Section[] = [];
  for (const [at, { type, tag, content }] of tokens.entries()) {
    const last = sections.at(-1);
    if (type === "heading_open") {
      const id = String(tokens[at]?.attrGet("id"));
      sections.push({ level: Number(tag.slice(1)), id, title: wordsOf(tokens[at + 1]), text: "" });
    } else if (last && tokens[at - 1]?.type !== "heading_open") {
      if (type === "inline") last.text += `${wordsOf(tokens[at])} `;
      if (type === "fence") last.text += `${content} `;
    }
  }
  return sections;
}

function wordsOf(token: Token | undefined): string {
  const words = ({ type, content }: Token) =>
    type.endsWith("break") ? " " : type === "html_inline" ? content.replace(tags, "") : content;
  return (token?.children ?? []).map(words).join("");
}

/** `> [!NOTE]` begins a box, and `> [!WARNING]` one with that word above it. */
function makeBox(tokens: readonly Token[], at: number): void {
  const [open, , text] = tokens.slice(at);
  const [marker, kind = ""] =
    /^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\](?:\n|$)/.exec(text?.content ?? "") ?? [];
  const close = tokens.find(
    (token, place) => place > at && token.type === "blockquote_close" && token.level === open?.level,
  );
  if (marker === undefined || !open || !text?.children || !close) return;
  const lineBreak = text.children.findIndex(({ type }) => type === "softbreak");
  text.children = lineBreak === -1 ? [] : text.children.slice(lineBreak + 1);
  open.attrSet("class", `box ${kind.toLowerCase()}`);
  if (kind !== "NOTE") open.info = kind.slice(0, 1) + kind.slice(1).toLowerCase();
  open.tag = close.tag = "div";
}

const { escapeHtml } = markdown.utils;

/** A few tags are HTML. All else that looks so is text, such as `<id>`. */
const tags = /<!--[\s\S]*?-->|<\/?(?:details|summary|kbd|br|sub|sup)(?: open)?>/g;

function safe(html: string): string {
  const texts = html.split(tags).map((text) => text.replaceAll("<", "&lt;"));
  const kept = [...html.matchAll(tags)].map(([tag]) => (tag.startsWith("<!") ? "" : tag));
  return texts.map((text, at) => text + (kept[at] ?? "")).join("");
}

const { rules } = markdown.renderer;

rules["blockquote_open"] = (tokens, index, options, _env, self) => {
  const { info = "" } = tokens[index] ?? {};
  return self.renderToken(tokens, index, options) + (info && `<p class="label">${info}</p>\n`);
};

/** A heading is a link to itself, so that readers can copy its address. Not with a link in it, and not the title. */
const isLink = (heading: Token | undefined, inline: Token | undefined) =>
  heading?.tag !== "h1" && !inline?.children?.some(({ type }) => type === "link_open");
rules["heading_open"] = (tokens, index, options, _env, self) => {
  const href = escapeHtml(`#${tokens[index]?.attrGet("id")}`);
  const link = isLink(tokens[index], tokens[index + 1]) ? `<a class="anchor" href="${href}">` : "";
  return self.renderToken(tokens, index, options) + link;
};
rules["heading_close"] = (tokens, index, options, _env, self) =>
  (isLink(tokens[index], tokens[index - 1]) ? "</a>" : "") + self.renderToken(tokens, index, options);

const code: NonNullable<(typeof rules)["fence"]> = (tokens, index) => {
  const { content = "", info = "" } = tokens[index] ?? {};
  const language = info.trim().split(/\s/)[0] ?? "";
  return `<div class="code" data-language="${escapeHtml(language)}"><pre tabindex="0"><code>${highlighted(content, language)}</code></pre></div>\n`;
};
rules["fence"] = code;
rules["code_block"] = code;

rules["table_open"] = (tokens, index) => {
  const number = tokens.slice(0, index + 1).filter(({ type }) => type === "table_open").length;
  return `<div class="wide" role="region" aria-label="Table ${number}" tabindex="0"><table>\n`;
};
rules["table_close"] = () => "</table></div>\n";
/** The content security policy refuses styles in attributes. */
for (const cell of ["th_open", "td_open"]) {
  rules[cell] = (tokens, index) => {
    const token = tokens[index];
    const [, align] = /text-align:(\w+)/.exec(String(token?.attrGet("style"))) ?? [];
    return `<${token?.tag}${align ? ` class="${align}"` : ""}>`;
  };
}

const titled = (token: Token | undefined) => {
  const title = token?.attrGet("title");
  return title ? ` title="${escapeHtml(String(title))}"` : "";
};
const addressIn = (env: unknown, link: string | number | null | undefined) =>
  (env as { hrefOf: HrefOf }).hrefOf(String(link));

rules["link_open"] = (tokens, index, _options, env) => {
  const href = addressIn(env, tokens[index]?.attrGet("href"));
  const close = tokens.slice(index).find(({ type }) => type === "link_close");
  if (close) close.tag = href === undefined ? "span" : "a";
  return href === undefined ? "<span>" : `<a href="${escapeHtml(href)}"${titled(tokens[index])}>`;
};
rules["image"] = (tokens, index, _options, env) => {
  const token = tokens[index];
  return `<img src="${escapeHtml(addressIn(env, token?.attrGet("src")) ?? "")}" alt="${escapeHtml(token?.content ?? "")}"${titled(token)}>`;
};

rules["html_block"] = (tokens, index) => safe(tokens[index]?.content ?? "");
rules["html_inline"] = rules["html_block"];
