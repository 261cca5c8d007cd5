/**
 * Takes from a file what is about something that is left out. `words` say what that is. A line with one of them goes, with the
 * comment above it and the block that it opens. From a list in one line, only the names go.
 */
export function withoutWords(path: string, text: string, words: RegExp): string {
  if (/\.(md|example)$/.test(path))
    return text
      .split(/(```[\s\S]*?```)/)
      .map((part, index) => (index % 2 === 1 ? withoutLines : withoutSentences)(part, words))
      .join("");
  return withoutLines(/\.[jt]s$/.test(path) ? withoutItems(text, words) : text, words);
}

/** `import { a, signIn } from`, `{ a, signIn }`, `[a, signIn]`: a name, or a name with its value. */
function withoutItems(text: string, words: RegExp): string {
  return text.replace(/^(?! *\.\w).*$/gm, (line) => {
    const operands = line.replace(/ (?:\|\||&&) [^|&;]+(?=[;|&])/g, (each) => (words.test(each) ? "" : each));
    const names = operands.replace(/, (?:\.\.\.)?(\w+)(?: = \{\})?(?= ?[}\],])/g, (each, name) =>
      words.test(name) ? "" : each,
    );
    const rest = names.replace(/([{[(])([^{}[\]()]*)(?=[}\])])/g, (list, open: string, inside: string) => {
      const items = inside.split(",");
      const kept = items.filter((item) => !words.test(item));
      if (kept.length === items.length || kept.every((item) => item.trim() === "")) return list;
      return `${open}${kept.join(",")}${/\s$/.test(inside) && !/\s$/.test(kept.at(-1) ?? "") ? " " : ""}`;
    });
    return words.test(rest) ? line : rest.replace(/^import \{ type (\w+) \}/, "import type { $1 }");
  });
}

function withoutLines(text: string, words: RegExp): string {
  const lines = text.split(/(?<=\n)/);
  const gone = new Set<number>();
  for (const [at, line] of lines.entries()) {
    if (gone.has(at) || !words.test(line) || isComment(line)) continue;
    const end = endOfBlock(lines, at);
    let first = at;
    while (isComment(lines[first - 1] ?? "") && !gone.has(first - 1)) first--;
    for (let each = first; each < end; each++) gone.add(each);
    if (isBlank(lines[first - 1] ?? "\n") && isBlank(lines[end] ?? "\n")) gone.add(end);
  }
  return lines.filter((_, at) => !gone.has(at)).join("");
}

function isComment(line: string): boolean {
  return /^\s*(\/\*\*|\*|\/\/|#|--|<%#)/.test(line);
}

function isBlank(line: string): boolean {
  return line.trim() === "";
}

/** After the last line that is indented deeper, and the one that closes the block. */
function endOfBlock(lines: readonly string[], first: number): number {
  const depth = depthOf(lines[first] ?? "");
  if (!/([({[]|=|=>|<% .*\{ -?%>)\s*$/.test(lines[first] ?? "") && depthOf(lines[first + 1] ?? "") <= depth)
    return first + 1;
  for (let at = first + 1; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (isBlank(line) || depthOf(line) > depth) continue;
    const closes = /^\s*([)\]}]|<% \})/.test(line);
    if (!closes) return at;
    if (!/[({[]\s*(-?%>)?\s*$/.test(line)) return at + 1;
  }
  return lines.length;
}

function depthOf(line: string): number {
  return /^ */.exec(line)?.[0].length ?? 0;
}

/** A page loses sentences and rows of tables; a whole section if its heading has one of the words. */
function withoutSentences(text: string, words: RegExp): string {
  const named = text.replace(/, `[^`\n]+`/g, (each) => (words.test(each) ? "" : each));
  const sections = named.split(/^(?=##+ )/m).filter((each) => !words.test(/^##+ .*/.exec(each)?.[0] ?? ""));
  const parts = sections.join("").split(/(\n\n+|\n(?=\s*- |\|))/);
  const kept: string[] = [];
  for (let at = 0; at < parts.length; at += 2) {
    const part = parts[at] ?? "";
    const sentences = part.split(/(?<=[.:]\)?)(?=\s+[A-Z`[])/).filter((each) => !words.test(each));
    const rest = part.startsWith("|") && words.test(part) ? "" : sentences.join("").trimStart();
    if (part === "" || rest !== "") kept.push(`${words.test(part) ? rest : part}${parts[at + 1] ?? ""}`);
  }
  return kept.join("");
}
