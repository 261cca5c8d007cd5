import { expect, test } from "vitest";
import { stepsOf } from "../../../../tools/tutorial/chapters.ts";
import { distance, type Position, positionOf } from "../../../../tools/tutorial/position.ts";
import { statesAfter } from "../../../../tools/tutorial/state.ts";

const base = new Map([
  [
    "src/blog.ts",
    'import { PostProjector } from "./post.ts";\n\nexport const projectors = [PostProjector];\n',
  ],
  ["src/old.ts", "export const old = 1;\n"],
]);
const steps = stepsOf(
  "docs/tutorial/1-x.md",
  `## 1.1 A projector

**Create** \`src/author.ts\`:

\`\`\`ts
export class AuthorProjector {
  readonly version = 1;
}
\`\`\`

## 1.2 List it

**In** \`src/blog.ts\`, import \`AuthorProjector\` from \`./author.ts\`.

**In** \`src/blog.ts\`, add \`AuthorProjector\` to the list \`projectors\`.

**Delete** \`src/old.ts\`.

## 1.3 Raise it

**In** \`src/author.ts\`, replace \`version = 1\` by \`version = 2\`.
`,
);
const states = await statesAfter(base, steps);
const [first = base, second = base, third = base] = states;

/** Where a reader is whose files are these, with some that differ from them. */
function at(files: ReadonlyMap<string, string>, changes: Record<string, string> = {}): Position {
  return positionOf(steps, base, states, new Map([...files, ...Object.entries(changes)]));
}

function missingAt(files: ReadonlyMap<string, string>, changes: Record<string, string> = {}): string[] {
  return at(files, changes).missing.map(({ words }) => words);
}

test("whoever has followed all sentences is at the end of the step", () => {
  for (const [index, state] of states.entries())
    expect(at(state)).toMatchObject({
      step: steps[index],
      next: steps[index + 1],
      others: [],
      missing: [],
      begun: [],
    });
});

test("format, the order of imports and files of one's own do not matter", () => {
  const blog = `import {
  AuthorProjector
} from "./author.ts";
import { PostProjector } from "./post.ts";
export const projectors = [
  PostProjector,
  AuthorProjector,
];`;
  expect(at(second, { "src/blog.ts": blog, "src/mine.ts": "" })).toMatchObject({
    step: { name: "1.2" },
    others: [],
  });
});

test("what is missing is said in words", () => {
  const unlisted = second.get("src/blog.ts")?.replace(", AuthorProjector", "") ?? "";
  expect(missingAt(second, { "src/blog.ts": unlisted })).toEqual([
    "`AuthorProjector` is not in the list `projectors` in src/blog.ts.",
  ]);
  const unimported = second.get("src/blog.ts")?.replace(/^import .*author.*\n/m, "") ?? "";
  expect(missingAt(second, { "src/blog.ts": unimported })).toEqual([
    "src/blog.ts does not import `AuthorProjector` from `./author.ts`.",
  ]);
  expect(missingAt(second, { "src/old.ts": "export const old = 1;\n" })).toEqual([
    "src/old.ts is still there.",
  ]);
  const without = new Map([...third].filter(([path]) => path !== "src/author.ts"));
  expect(missingAt(without)).toContain("There is no file src/author.ts.");
});

test("a line may be written in another way, and is named", () => {
  const author = "export class AuthorProjector {\n  readonly version = Number(1);\n}\n";
  expect(at(first, { "src/author.ts": author }).missing).toMatchObject([
    { words: "src/author.ts has no line `readonly version = 1;`.", mayDiffer: true, step: { name: "1.1" } },
  ]);
});

test("whoever is in the middle of a step is told the rest of it", () => {
  const { step, next, missing, begun } = at(new Map([...first].filter(([path]) => path !== "src/old.ts")));
  expect([step.name, next?.name, missing]).toEqual(["1.1", "1.2", []]);
  expect(begun.map(({ words }) => words)).toEqual([
    "src/blog.ts does not import `AuthorProjector` from `./author.ts`.",
    "`AuthorProjector` is not in the list `projectors` in src/blog.ts.",
  ]);
});

test("lines at another place than told are named", async () => {
  const before = new Map([["src/a.ts", "one();\ntwo();\nthree();\n"]]);
  const [step] = stepsOf(
    "docs/tutorial/1-x.md",
    "## 1.1 A\n\n**In** `src/a.ts`, after the line with `one`, add:\n\n```ts\nmore();\n```\n",
  );
  const all = step ? [step] : [];
  const reader = new Map([["src/a.ts", "one();\ntwo();\nthree();\nmore();\n"]]);
  const { missing, moved } = positionOf(all, before, await statesAfter(before, all), reader);
  expect(missing).toEqual([]);
  expect(moved.map(({ words, act }) => [words, act.line])).toEqual([
    ["src/a.ts has the lines from `more();` on, but not at the place that is told.", 3],
  ]);
});

test("steps that change no file are not taken for done", async () => {
  const more = stepsOf(
    "docs/tutorial/1-x.md",
    "## 1.1 A\n\n**Create** `a.txt`:\n\n```text\na\n```\n\n## 1.2 B\n\n## 1.3 C\n\n**Delete** `a.txt`.\n",
  );
  const { lastSeen, unseen, next } = positionOf(
    more,
    new Map(),
    await statesAfter(new Map(), more),
    new Map([["a.txt", "a\n"]]),
  );
  expect([lastSeen?.name, unseen.map(({ name }) => name), next?.name]).toEqual(["1.1", ["1.2"], "1.3"]);
});

test("texts are as far from each other as they have other lines", () => {
  expect(distance("a\nb\n", "a\n  b\n")).toBe(0);
  expect(distance("a\nb\n", "b\na\n")).toBe(1);
  expect(distance("a\nb\n", "a\nc\nd\n")).toBe(3);
  expect(distance(undefined, "a\nb\n")).toBe(2);
});
