import MarkdownIt, { type Token } from "markdown-it";

const markdown = new MarkdownIt({ typographer: true }).disable("replacements");

/** A text in Markdown as people read it, without its marks. */
export function plainText(text: string): string {
  const blocks = markdown.parse(text, {}).flatMap(({ type, content, children }) => {
    if (type === "inline") return (children ?? []).map(wordsOf).join("");
    return type === "fence" || type === "code_block" ? content : [];
  });
  return cleaned(blocks.join("\n"));
}

/** Without control characters: two of them mark what was found. */
export function cleaned(text: string): string {
  return text.replaceAll(/[\p{Cc}\s]+/gu, " ").trim();
}

function wordsOf({ type, content, children }: Token): string {
  if (children) return children.map(wordsOf).join(""); // a picture
  return type.endsWith("break") ? " " : content;
}
