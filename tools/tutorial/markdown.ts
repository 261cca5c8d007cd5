/** A paragraph, a heading, a block of code or a picture. */
export interface Part {
  readonly kind: "text" | "item" | "heading" | "code" | "picture" | "box";
  /** Of a picture: its path. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** The parts of a page in their order, also those that are indented below an item of a list. */
export function partsOf(markdown: string): Part[] {
  const parts: Part[] = [];
  let open: { kind: Part["kind"]; lines: string[]; line: number } | undefined;
  let fence: { readonly indent: string; readonly lines: string[]; readonly line: number } | undefined;
  const end = () => {
    if (open) parts.push({ kind: open.kind, text: open.lines.join(" "), line: open.line });
    open = undefined;
  };
  for (const [index, line] of markdown.split("\n").entries()) {
    const at = index + 1;
    const [, indent = "", isFence] = /^(\s*)(```)?/.exec(line) ?? [];
    if (fence) {
      if (isFence) {
        parts.push({
          kind: "code",
          text: fence.lines.map((each) => `${each}\n`).join(""),
          line: fence.line,
        });
        fence = undefined;
      } else
        fence.lines.push(line.startsWith(fence.indent) ? line.slice(fence.indent.length) : line.trimStart());
      continue;
    }
    const kind = kindOf(line);
    const begins = kind !== "text" && (kind !== "box" || open?.kind !== "box");
    if (begins || isFence || line.trim() === "") end();
    if (isFence) fence = { indent, lines: [], line: at };
    else if (kind === "picture") parts.push({ kind, text: /\]\(([^)]+)\)/.exec(line)?.[1] ?? "", line: at });
    else if (line.trim() !== "") {
      open ??= { kind, lines: [], line: at };
      open.lines.push(line.trim().replace(/^(\d+\. |[-*] |#+ |> ?)/, ""));
      if (kind === "heading") end();
    }
  }
  end();
  return parts;
}

function kindOf(line: string): Part["kind"] {
  if (/^#+ /.test(line)) return "heading";
  if (/^\s*!\[[^\]]*\]\([^)]+\)\s*$/.test(line)) return "picture";
  if (/^\s*>/.test(line)) return "box";
  if (/^\s*(\d+\. |[-*] )/.test(line)) return "item";
  return "text";
}
