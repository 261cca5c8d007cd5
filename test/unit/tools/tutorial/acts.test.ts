import { expect, test } from "vitest";
import { type Act, actsOf } from "../../../../tools/tutorial/acts.ts";
import { stepsOf } from "../../../../tools/tutorial/chapters.ts";

const block = (language: string, ...lines: string[]) => ["", `\`\`\`${language}`, ...lines, "```", ""];

function actOf(...lines: string[]): Act {
  const [act, ...more] = actsOf(lines.join("\n"));
  expect(more).toEqual([]);
  return act as Act;
}

test("commands have what they print, and empty lines do not count", () => {
  expect(actOf("**Run** this:", ...block("console", "$ npm test", "", "2 passed", "$ ls"))).toMatchObject({
    ...{ kind: "run", fails: false, line: 1 },
    commands: [
      { line: "npm test", output: ["2 passed"] },
      { line: "ls", output: [] },
    ],
  });
  expect(actOf("**Run** this, and see it fail:", ...block("console", "$ x", "...", "Error"))).toMatchObject({
    fails: true,
  });
});

test("a visit has what a person does, and sees, and its picture", () => {
  const sentence =
    "**Open** <http://localhost:3000/>, follow **Add a post**, type `Trees, and more` into **Title**, choose `Kim` in **Author** and press **Add**. You see:";
  expect(actOf(sentence, ...block("text", "Trees", "", "Kim"), "![A post](images/1-1.png)")).toMatchObject({
    ...{ kind: "visit", inSecondBrowser: false, seen: ["Trees", "Kim"], picture: "images/1-1.png" },
    clauses: [
      { does: "open", what: "http://localhost:3000/" },
      { does: "follow", what: "Add a post" },
      { does: "type", what: "Title", value: "Trees, and more" },
      { does: "choose", what: "Author", value: "Kim" },
      { does: "press", what: "Add" },
    ],
  });
});

test.each([
  ["clear **Title**, tick **Public**, untick **Open**", ["clear", "tick", "untick"]],
  ["reload the page, then go back", ["reload", "back"]],
])("in the browser, a person may %s", (words, expected) => {
  const act = actOf(`**In a second browser**, ${words}.`);
  expect(act.kind === "visit" && act.clauses.map(({ does }) => does)).toEqual(expected);
  expect(act).toMatchObject({ inSecondBrowser: true });
});

test("boxes, lists and what happens elsewhere are no instructions", () => {
  const text = [
    "> [!NOTE]",
    "> **Run** nothing.",
    "",
    "- **Command**: asks.",
    "",
    "**On your server**, run this:",
  ];
  expect(actsOf([...text, ...block("console", "$ rm -r /")].join("\n"))).toEqual([]);
});

test.each([
  [
    "a verb that nobody knows",
    ["**Add** `a.ts`:", ...block("ts", "a")],
    /^line 1: .*Not an instruction that is understood/s,
  ],
  ["a block without a sentence", ["Words:", ...block("ts", "a")], /A block of code without an instruction/],
  ["a sentence without its block", ["**Create** `a.ts`:"], /No block of code follows/],
  ["a block where none is needed", ["**Delete** `a.ts`.", ...block("ts", "a")], /needs no block of code/],
  [
    "two instructions in one paragraph",
    ["**Delete** `a.ts`.", "**Delete** `b.ts`."],
    /two instructions in one paragraph/,
  ],
  ["a block without a command", ["**Run** this:", ...block("console", "npm test")], /must begin with "\$ "/],
  [
    "output that fits anything",
    ["**Run** this:", ...block("console", "$ npm test", "...")],
    /proves nothing/,
  ],
  [
    "a failure without a reason",
    ["**Run** this, and see it fail:", ...block("console", "$ x")],
    /at least one line/,
  ],
  [
    "a start without what it prints",
    ["**Start** it:", ...block("console", "$ npm run dev")],
    /until it is ready/,
  ],
  [
    "a visit without what is seen",
    ["**Open** <http://localhost:3000/>. You see:"],
    /No block with what is seen/,
  ],
  [
    "a visit that sees nothing",
    ["**Open** <http://localhost:3000/>. You see:", ...block("text", "")],
    /is empty/,
  ],
  ["a visit without an end", ["**Open** <http://localhost:3000/>"], /must end in "You see:"/],
  [
    "a clause that nobody knows",
    ["**In the browser**, follow **A**, hover over **B**."],
    /Not understood, from here on: hover/,
  ],
])("%s is refused", (_, lines, reason) => {
  expect(() => actsOf(lines.join("\n"))).toThrow(reason);
});

test("steps are numbered by their chapter, and what comes before them has no instruction", () => {
  const page = "docs/tutorial/2-more.md";
  expect(stepsOf(page, "# 2\n\n## 2.1 One (2 minutes)\n\n## You can now\n").map(({ name }) => name)).toEqual([
    "2.1",
  ]);
  expect(() => stepsOf(page, "## 2.2 Two\n")).toThrow(/line 1: step 2\.2 must be 2\.1/);
  expect(() => stepsOf(page, "**Delete** `a.ts`.\n\n## 2.1 One\n")).toThrow(/belongs to no step/);
});
