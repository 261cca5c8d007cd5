import { notCode } from "../source.ts";

/** A part of a file, and how a name of several words is written there. */
export interface Piece {
  readonly kind: "code" | "prose" | "path";
  readonly text: string;
}

export function piecesOf(path: string, text: string): Piece[] {
  if (/\.[jt]s$/.test(path)) return code(text);
  if (path.endsWith(".sql"))
    return split(
      text,
      /(--[^\n]*)/,
      (each) => [{ kind: "prose", text: each }],
      (each) => [{ kind: "code", text: each }],
    );
  if (path.endsWith(".ejs")) return split(text, /(<%[\s\S]*?%>)/, code, html);
  if (path.endsWith(".md")) return split(text, /(```[\s\S]*?```)/, fenced, words);
  if (/\.ya?ml$|(^|\/)(Dockerfile|\.env\.\w+)$/.test(path))
    return split(text, /(#[^\n]*)/, prose, (each) => [{ kind: "path", text: each }]);
  return prose(text);
}

/** A block of a page. Its backticks are no text of its code. */
function fenced(text: string): Piece[] {
  const [, fence, body = ""] = /^(```ts\n)([\s\S]*)```$/.exec(text) ?? [];
  if (fence === undefined) return code(text);
  return [{ kind: "code", text: fence }, ...code(body), { kind: "code", text: "```" }];
}

function code(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const found of text.matchAll(notCode)) {
    pieces.push({ kind: "code", text: text.slice(from, found.index) });
    const [all, comment, string, template] = found;
    if (comment) pieces.push(...words(all));
    else if (string) {
      const isLabel = /\b(label|heading): $/.test(text.slice(Math.max(0, found.index - 12), found.index));
      pieces.push({ kind: isLabel ? "prose" : kindOfText(all), text: all });
    } else if (template)
      pieces.push(...split(all, /(\$\{[^}]*\})/, code, (each) => [{ kind: kindOfText(all), text: each }]));
    else pieces.push(...prose(all)); // a pattern
    from = found.index + all.length;
  }
  return [...pieces, { kind: "code", text: text.slice(from) }];
}

/** A text without a space is a name or an address. SQL is code, whose names other code may use. */
function kindOfText(text: string): Piece["kind"] {
  if (/view_schema|sequent_schema|^.\s*(select|insert|update|delete|with|create|alter|drop)\b/.test(text))
    return "code";
  return text.includes(" ") ? "prose" : "code";
}

function html(text: string): Piece[] {
  return split(text, /(<[^>]*>)/, (each) => [{ kind: "path", text: each }], prose);
}

/** Prose, with names of the code between backticks. The article before a name goes with it. */
function words(text: string): Piece[] {
  return split(text, /((?:\b[Aa]n? )?`[^`\n]*`)/, (each) => [{ kind: "code", text: each }], prose);
}

function prose(text: string): Piece[] {
  return [{ kind: "prose", text }];
}

/** What the pattern finds goes one way, and what is between goes the other. */
function split(
  text: string,
  found: RegExp,
  inside: (text: string) => Piece[],
  between: (text: string) => Piece[],
): Piece[] {
  return text.split(found).flatMap((each, index) => (index % 2 === 1 ? inside(each) : between(each)));
}
