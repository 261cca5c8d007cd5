import { expect, test } from "vitest";
import { chapter, play } from "./toy.ts";

test("a chapter that tells the truth is as told", async () => {
  expect(await play(chapter)).toBeUndefined();
});

/** Each is one change of the chapter, and the reason that the check must give. */
test.each([
  [
    "another name in an excerpt",
    "// ...\nconsole.log(`Hello",
    "// ...\nconsole.log(`Hallo",
    /line 7: \*\*Look at\*\*.*Not there/s,
  ],
  [
    "a line of an excerpt too many",
    'names.js";\n\n// ...',
    'names.js";\nconsole.log(1);\n\n// ...',
    /Not there/,
  ],
  [
    "a file that is not there",
    "**Look at** `src/greet.js`",
    "**Look at** `src/greets.js`",
    /There is no such file/,
  ],
  [
    "another output",
    "Hello Kim",
    "Hello Tim",
    /does not print this line.*Hello Tim.*\$ node src\/greet\.js\nHello Kim/s,
  ],
  ["an output that is one line short", "Hello Kim\n", "", /does not print this line/],
  ["an output that goes on", "There are 2", "There are 2\nThe end", /does not print this line.*The end/s],
  ["a word where a time should be", "at 2026-11-28T10:00:00.000Z", "at noon", /at noon/],
  ["a command that fails", "$ node src/count.js", "$ node src/counts.js", /It failed, with exit code 1/],
  [
    "a command that does not fail",
    "$ node src/greet.js Ada\n...\nError",
    "$ node src/greet.js Kim\n...\nError",
    /It did not fail/,
  ],
  [
    "a failure for another reason",
    "Error: Ada is not known",
    "Error: Ada is unknown",
    /Error: Ada is unknown/,
  ],
  ["an edit that is left out", '**In** `src/names.js`, add `"Ada"` to the list `names`.\n', "", /It failed/],
  [
    "a list that is not there",
    "to the list `names`",
    "to the list `people`",
    /line \d+: .*`people` is found 0 times/s,
  ],
  [
    "a file that is there already",
    "**Create** `src/count.js`",
    "**Create** `src/greet.js`",
    /The file is there already/,
  ],
  [
    "code in another format",
    'console.log("There are", names.length);',
    "console.log('There are', names.length);",
    /not in the format of the project/,
  ],
  [
    "a program that is never ready",
    "at http://localhost:3000\n",
    "at https://localhost:3000\n",
    /It is not ready:\nThe toy is at http/,
  ],
  [
    "a program that ends at once",
    "$ node src/server.js",
    "$ node src/servers.js",
    /It has ended.*Cannot find module/s,
  ],
  ["something that a page does not show", "Kim\nAda\n```", "Ada\nKim\n```", /The page does not show Kim/],
  ["a stop of what does not run", "**Stop** the toy", "**Stop** `toy`", /\*\*Stop\*\*.*It does not run/s],
  [
    "something that the program does not print",
    "asked for /names",
    "asked for /people",
    /has not printed that/,
  ],
])("%s is found", async (_, from, to, reason) => {
  expect(chapter).toContain(from);
  expect(await play(chapter.replace(from, () => to))).toMatch(reason);
});

test("a command may not change files, because goto knows only the sentences", async () => {
  const changed = chapter.replace("There are 2\n```", "There are 2\n$ node src/count.js > count.txt\n```");
  expect(await play(changed)).toMatch(/others than the sentences say.*count\.txt/s);
});
