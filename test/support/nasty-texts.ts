/** The largest size of a post's text, in bytes. */
const most = 64 * 1024;

const filled = (piece: string) => piece.repeat(Math.floor(most / Buffer.byteLength(piece)));
const cut = (text: string) => text.slice(0, most);

/** Pieces that kept parsers, comparisons or templates busy the longest. Each text is as long as a whole post. */
const repeated = [
  ...["*", "**a ", "*a_", "*a**a", "a**b", "a*", "**x_y** ", "*_~~", "~~a ", "`a ", "_a "],
  ...["[", "]", "[[", "![", "[a](", "![a](", "[a][", "[a\n", "[a]:\n", '[a]: b "\n', "[a]: https://b.c\n"],
  ...[
    "[a](https://b.c)",
    "![a](https://b.c)",
    "[a](https://b.c/%)",
    "[a](https://\u00fc.b)",
    '[a](http://a "b")',
  ],
  ...["<", "&", '"', "'", "<a@b.c>", "<https://a.b>", "<![CDATA[", "&amp;", "&#x110000;", "\\*"],
  ...['"a\n', 'a" ', "x'x ", '"**a** ', "(c) ", "--", "... "],
  ...["> a\n", "- a\n", "-\n", "- a\n\n", "- - - - a\n", "- a\nb\n", "+ a\n- a\n", "1.\n", "* ", "- > "],
  ...[
    "#\n",
    "# a\n",
    "a\n=\n",
    "---\n",
    "a\n",
    "\n",
    "a  \n",
    "a\n---x\n",
    "    a\n",
    "```\n",
    "|a\n",
    "a|b\n-|-\n",
  ],
  ...["a ", "a.", "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}", "\u6f22\u5b57", "e\u0301", "\u202e", "%0A"],
  "The quick brown fox jumps over the lazy dog, and *that* is [that](https://x.example).\n\n",
];

export const nastyTexts: ReadonlyMap<string, string> = new Map([
  ...repeated.map((piece) => [JSON.stringify(piece), filled(piece)] as const),
  ["words", words(4)],
  ["a table of many columns", cut(`${"|a".repeat(2_000)}\n${"|-".repeat(2_000)}\n${"|\n".repeat(25_000)}`)],
  ["a table of many rows", cut(`a|b\n-|-\n${"a|b\n".repeat(most)}`)],
  ["brackets in brackets", "[".repeat(most / 2) + "]".repeat(most / 2)],
  [
    "quotations in quotations",
    cut(Array.from({ length: 300 }, (_, depth) => `${">".repeat(depth)}a`).join("\n")),
  ],
  ["lists in lists", cut(Array.from({ length: 360 }, (_, depth) => `${" ".repeat(depth)}- a`).join("\n"))],
  [
    "code marks of all lengths",
    cut(Array.from({ length: 360 }, (_, length) => "`".repeat(length + 1)).join(" ")),
  ],
  ["references", cut(Array.from({ length: 5_000 }, (_, number) => `[${number}]: /a`).join("\n"))],
  ["a reference used often", cut(`[a]: https://b.example/${"c".repeat(8_000)}\n\n${"[a]".repeat(most)}`)],
]);

/** A text that has nothing in common with the others: the same random words each time. */
export function words(seed: number): string {
  let state = seed;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state.toString(36);
  };
  return cut(Array.from({ length: 11_000 }, next).join(" "));
}
