import { describe, expect, test } from "vitest";
import { filesIn, read } from "../support/files.ts";

describe("docs/parity.md", () => {
  const text = read("docs/parity.md");
  const tests = new Map(
    filesIn("test", ".ts").map((file) => [
      file.replace(/^test\/(unit\/)?(framework\/)?/, ""),
      titlesOf(file),
    ]),
  );

  const named = [...text.matchAll(/`([\w./*-]+\.ts)`(?:: ([^|`]+))?/g)].map(([, file = "", titles = ""]) => ({
    file,
    titles: titles.trim().replace(/;$/, ""),
  }));
  const testsOf = (file: string) => tests.get(file) ?? tests.get(`framework/${file}`);

  test("every named file exists", () => {
    expect(named.filter(({ file }) => testsOf(file) === undefined)).toEqual([]);
  });

  test.each(named.filter(({ titles }) => titles !== ""))(
    "$file has the tests: $titles",
    ({ file, titles }) => {
      expect(unknownIn(titles, testsOf(file) ?? [])).toBe("");
    },
  );

  test("each line with = or + names its proof", () => {
    const lines = [...text.matchAll(/^\| [=+~] +\|.*/gm)].map(([line]) => line);
    const proof = /`[\w./-]+\.ts`: |\| the same|compile error/;
    expect(lines.filter((line) => !proof.test(line))).toEqual([]);
  });
});

/** What is left of titles, separated by "; ", without the known ones. Titles may contain "; ", too. */
function unknownIn(titles: string, known: readonly string[]): string {
  if (titles === "") return "";
  const [title] = known
    .filter((each) => titles === each || titles.startsWith(`${each}; `))
    .sort((one, other) => other.length - one.length);
  return title === undefined ? titles : unknownIn(titles.slice(title.length + 2), known);
}

function titlesOf(file: string): string[] {
  return [
    ...read(file).matchAll(
      /(?:describe|test)(?:\.\w+)*(?:<[^>]*>)?\(\s*(?:`|")([^`"]+)|^\s*\)\(\s*(?:`|")([^`"]+)|[\]\w]\)\(\s*(?:`|")([^`"]+)/gm,
    ),
  ].map(([, plain, each, inline]) => plain ?? each ?? inline ?? "");
}
