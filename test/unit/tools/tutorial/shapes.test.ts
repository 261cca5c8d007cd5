import { describe, expect, test } from "vitest";
import { Ids, printed, seen, withoutShapes } from "../../../../tools/tutorial/shapes.ts";

const one = "0198f1c2-0000-7000-8000-000000000001";
const two = "0198f1c2-0000-7000-8000-000000000002";
const [mine, other] = [one.replace("0198", "aaaa"), two.replace("0198", "bbbb")];

const fits = (told: string[], output: string) => "ids" in printed(told, output, new Ids());

test.each([
  ["an instant", "at 2026-11-28T10:00:00.000Z", "at 2027-01-02T23:59:59.123Z"],
  ["a day", "on 28 November 2026", "on 1 May 2027"],
  ["a day in numbers", "on 2026-11-28", "on 2027-05-01"],
  ["a time of day", "7:18:50 PM started", "11:02:03 AM started"],
  ["a duration", "done in 9ms", "done in 1.25 s"],
  ["a duration of minutes", "took 2m 3s", "took 59s"],
  ["a port", "http://localhost:3000/posts", "http://localhost:23901/posts"],
  ["a commit", "from version 1a2b3c4 of it", "from version 99ffee0 of it"],
  ["a version of Node", "Node v20.19.0", "Node v26.1.2"],
])("%s stands for any other", (_, told, output) => {
  expect(fits([told], output)).toBe(true);
  expect(fits([told.replace(/^\S+/, "x")], output)).toBe(false);
});

test.each([
  ["numbers", "3 posts", "4 posts"],
  ["words", "Kim", "Tim"],
  ["the beginning of a line", "im is here", "Kim is here"],
])("%s stand for themselves", (_, told, output) => {
  expect(fits([told], output)).toBe(false);
});

describe("dots", () => {
  test("stand for any lines, also none", () => {
    expect(fits(["...", "b", "..."], "a\nb\nc\n")).toBe(true);
    expect(fits(["a", "...", "b"], "a\nb\n")).toBe(true);
    expect(fits(["a", "...", "c"], "a\nb\n")).toBe(false);
  });
  test("stand for a part of a line", () => {
    expect(fits(["added ... packages"], "added 7 packages\n")).toBe(true);
    expect(fits(["added ... packages"], "added 7 files\n")).toBe(false);
  });
  test("may not hide that something is missing: the line is named", () => {
    expect(printed(["a", "...", "c"], "a\nb\n", new Ids())).toEqual({ missing: "c" });
    expect(printed(["a"], "a\nb\n", new Ids())).toEqual({ missing: "(nothing more)" });
  });
});

describe("the same id in the text", () => {
  test("is the same id everywhere, and two are two", () => {
    expect(fits([one, one], `${mine}\n${mine}`)).toBe(true);
    expect(fits([one, one], `${mine}\n${other}`)).toBe(false);
    expect(fits([one, two], `${mine}\n${mine}`)).toBe(false);
  });
  test("is found in later lines and addresses", () => {
    const result = printed([`post ${one}`], `post ${mine}`, new Ids());
    expect("ids" in result && result.ids.in(`/posts/${one}`)).toBe(`/posts/${mine}`);
  });
  test("is looked for behind dots, too", () => {
    expect(fits([one, "...", `again ${one}`, "..."], `${mine}\nagain ${other}\nagain ${mine}\n`)).toBe(true);
  });
});

test("several lines of dots are compared with a long output at once", () => {
  const dots = ["...", "same", "...", "same", "...", "same", "...", "same", "...", "no"];
  expect(printed(dots, "same\n".repeat(300), new Ids())).toEqual({ missing: "no" });
});

test("a page shows parts of lines, in their order", () => {
  const page = "Home Posts\nTrees\nby Kim, 28 November 2026";
  const shows = (...told: string[]) => "ids" in seen(told, page, new Ids());
  expect(shows("Posts", "Trees", "Kim, 1 May 2027")).toBe(true);
  expect(shows("Home", "Posts")).toBe(true);
  expect(shows("Trees", "Posts")).toBe(false);
  expect(seen(["Trees", "Ada"], page, new Ids())).toEqual({ missing: "Ada" });
});

test("a text without shapes is the same tomorrow", () => {
  const today = `Added 28 November 2026 at 19:34 UTC, ${one}`;
  expect(withoutShapes(today)).toBe(withoutShapes(today.replace("28", "30").replace("19:34", "07:12")));
  expect(withoutShapes(today)).not.toBe(withoutShapes(today.replace("Added", "Changed")));
});
