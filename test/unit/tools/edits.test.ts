import { describe, expect, test } from "vitest";
import { addImport, addToList, changeLine, replaceOnce } from "../../../tools/edits.ts";

describe("an item is added to a list", () => {
  test.each([
    ["an empty one", "const all = [];", "const all = [b];"],
    ["one with a type", "const all: readonly Item[] = [a];", "const all: readonly Item[] = [a, b];"],
    ["one that ends with a comma", "const all = [\n  a,\n];", "const all = [\n  a,\nb];"],
    ["one that ends with a comment", "const all = [\n  a(), // why\n];", "const all = [\n  a(), // why\nb];"],
    ["one with a list in it", "const all = [[a]];", "const all = [[a], b];"],
    ["one with brackets in its texts", 'const all = ["]"];', 'const all = ["]", b];'],
    ["one with brackets in its patterns", "const all = [/[)]/];", "const all = [/[)]/, b];"],
    ["an object", "const all = { ...a };", "const all = { ...a, b };"],
  ])("%s", (_, before, after) => {
    expect(addToList(before, "all", "b").replace(" }", "}")).toBe(after.replace(" }", "}"));
  });
});

describe("a name is imported", () => {
  test.each([
    [
      "from a new file",
      ["b"],
      'import { a } from "./a.ts";\n',
      'import { b } from "./b.ts";\nimport { a } from "./a.ts";\n',
    ],
    [
      "below a comment",
      ["b"],
      '// why\nimport { a } from "./a.ts";\n',
      '// why\nimport { b } from "./b.ts";\nimport { a } from "./a.ts";\n',
    ],
    ["into a file without imports", ["b"], "\nb();\n", 'import { b } from "./b.ts";\n\nb();\n'],
    ["beside others", ["b"], 'import { a } from "./b.ts";', 'import { a, b } from "./b.ts";'],
    ["that is already there", ["b"], 'import { b } from "./b.ts";', 'import { b } from "./b.ts";'],
    ["beside types", ["b"], 'import type { a } from "./b.ts";', 'import { type a, b } from "./b.ts";'],
    ["that was a type only", ["b"], 'import type { b } from "./b.ts";', 'import { b } from "./b.ts";'],
    ["as a type", ["type b"], 'import type { a } from "./b.ts";', 'import type { a, b } from "./b.ts";'],
    [
      "as a type beside values",
      ["type b"],
      'import { a } from "./b.ts";',
      'import { a, type b } from "./b.ts";',
    ],
    [
      "as a type, though it is a value",
      ["type b"],
      'import { b } from "./b.ts";',
      'import { b } from "./b.ts";',
    ],
  ])("%s", (_, names, before, after) => {
    expect(addImport(before, names, "./b.ts")).toBe(after);
  });
});

describe("an edit is refused if its place does not exist exactly once", () => {
  test.each([
    ["a list that is missing", () => addToList("const some = [];", "all", "b"), "`all` is found 0 times"],
    [
      "a list that exists twice",
      () => addToList("all = [];\nall = [];", "all", "b"),
      "`all` is found 2 times",
    ],
    ["a list in a comment", () => addToList("// all = [];", "all", "b"), "`all` is found 0 times"],
    ["a line", () => changeLine("a\nab\n", "a", () => ""), "`a` is found 2 times"],
    ["a text", () => replaceOnce("aa", "a", "b"), "`a` is found 2 times"],
  ])("%s", (_, edit, message) => {
    expect(edit).toThrow(message);
  });
});
