import { describe, expect, test } from "vitest";
import { actsOf } from "../../../../tools/tutorial/acts.ts";

const project: Record<string, string> = {
  "src/post.ts": [
    'import { on, string } from "#sequent";',
    "export const projectors = [PostProjector, AuthorProjector];",
    "class Post {",
    "  publish() {",
    "    return 1;",
    "  }",
    "",
    "  version = 1;",
    "}",
    "",
  ].join("\n"),
};

function followed(...markdown: string[]): string | undefined {
  const files = new Map(Object.entries(project));
  for (const act of actsOf(markdown.join("\n"))) {
    if (act.kind !== "edit") continue;
    const after = act.apply(files.get(act.path));
    if (after === undefined) files.delete(act.path);
    else files.set(act.path, after);
  }
  return files.get("src/post.ts");
}

const code = ["", "```ts", "// added", "```"];

describe("an instruction of a guide does what it says", () => {
  test.each([
    [
      "after a line",
      "**In** `src/post.ts`, after the line with `class Post`, add:",
      "class Post {\n// added\n  publish",
    ],
    [
      "before a line",
      "**In** `src/post.ts`, before the line with `version =`, add:",
      "\n// added\n  version = 1;",
    ],
    ["at the end", "**In** `src/post.ts`, at the end, add:", "}\n\n// added\n"],
    ["instead of a line", "**In** `src/post.ts`, replace the line with `return 1` by:", "{\n// added\n  }"],
    [
      "instead of a block",
      "**In** `src/post.ts`, replace the block that begins with `publish()` by:",
      "class Post {\n// added\n\n  version = 1;\n}\n",
    ],
  ])("%s", (_, sentence, expected) => {
    expect(followed(sentence, ...code)).toContain(expected);
  });

  test("of one word", () => {
    expect(followed("**In** `src/post.ts`, replace `version = 1` by `version = 2`.")).toContain(
      "version = 2;",
    );
  });

  test("of a list", () => {
    expect(followed("**In** `src/post.ts`, add `TipProjector` to the list `projectors`.")).toContain(
      "[PostProjector, AuthorProjector, TipProjector]",
    );
  });

  test("of an import, of a module that is imported already or not", () => {
    expect(followed("**In** `src/post.ts`, import `text`, `optional` from `#sequent`.")).toContain(
      'import { on, string, text, optional } from "#sequent";',
    );
    expect(followed("**In** `src/post.ts`, import `Tip` from `./tip.ts`.")).toContain(
      'import { Tip } from "./tip.ts";',
    );
  });

  test("one after the other, also below the items of a list", () => {
    const text = followed(
      "1. **In** `src/post.ts`, replace the line with `return 1` by:",
      "",
      "   ```ts",
      "       return 2;",
      "   ```",
      "",
      "2. Some words, and then:",
      "",
      "   **In** `src/post.ts`, replace `return 2` by `return 3`.",
    );
    expect(text).toContain("    return 3;");
  });

  test("of commands", () => {
    expect(actsOf("**Run** this:\n\n```console\n$ npm run fix\n$ npm run check\n```")).toMatchObject([
      {
        commands: [
          { line: "npm run fix", output: [] },
          { line: "npm run check", output: [] },
        ],
      },
    ]);
  });
});

describe("a guide that cannot be followed is refused, with the sentence", () => {
  test.each([
    [
      "an anchor that no line has",
      ["**In** `src/post.ts`, after the line with `nothing`, add:", ...code],
      "found 0 times",
    ],
    [
      "an anchor that two lines have",
      ["**In** `src/post.ts`, after the line with `1;`, add:", ...code],
      "found 2 times",
    ],
    ["a file that does not exist", ["**In** `src/none.ts`, at the end, add:", ...code], "no such file"],
    ["a file that exists", ["**Create** `src/post.ts`:", ...code], "there already"],
    [
      "a sentence that is not understood",
      ["**In** `src/post.ts`, put somewhere:", ...code],
      "Not an instruction",
    ],
    ["a block without an instruction", ["Like this:", ...code], "without an instruction"],
    ["an instruction without its block", ["**In** `src/post.ts`, at the end, add:"], "No block"],
  ])("%s", (_, markdown, message) => {
    expect(() => followed(...markdown)).toThrow(message);
  });
});
