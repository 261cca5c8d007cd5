import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { timeBySteps } from "../../../bench/harness/profile.ts";

const root = new URL("../../../", import.meta.url);

test.each([
  ["parse", "src/web/forms/form-body.ts"],
  ["validate", "src/framework/attributes/rules.ts"],
  ["load", "src/framework/store/postgres/streams.ts"],
  ["decide", "src/domain/post/post.ts"],
  ["decide", "src/framework/commands/command-service.ts"],
  ["project", "src/projections/post/projector.ts"],
  ["serialise", "src/framework/store/postgres/store-statement.ts"],
  ["database", "src/projections/post/queries.ts"],
  ["database", "node_modules/pg/lib/client.js"],
  ["render", "node_modules/ejs/lib/cjs/ejs.js"],
  ["web", "src/web/app.ts"],
  ["web", "node_modules/express/lib/express.js"],
] as const)("%s is what %s takes", (step, file) => {
  expect(existsSync(new URL(file, root)), `${file} has moved: bench/harness/profile.ts must know`).toBe(true);
  expect(timesOf([file])).toEqual({ [step]: 100 });
});

test("what Node does for our function is counted as that function's time", () => {
  expect(timesOf(["src/framework/store/postgres/store-statement.ts", "node:buffer", ""])).toEqual({
    serialise: 300,
  });
  expect(timesOf(["node:net"])).toEqual({ node: 100 });
});

test("waiting does not count, and collecting garbage counts for no function", () => {
  expect(timesOf(["", "src/web/app.ts"], "(idle)")).toEqual({ web: 100 });
  expect(timesOf(["src/web/app.ts", ""], "(garbage collector)")).toEqual({ web: 100, garbage: 100 });
});

/** Of a profile in which each file called the next one, and each was seen once. */
function timesOf(files: readonly string[], nameOfTheOneWithoutFile = "(native)") {
  const nodes = ["", ...files].map((url, index) => ({
    id: index,
    callFrame: {
      functionName: index === 0 ? "(root)" : url === "" ? nameOfTheOneWithoutFile : "something",
      scriptId: "0",
      url: url === "" || url.startsWith("node:") ? url : new URL(url, root).href,
      lineNumber: 0,
      columnNumber: 0,
    },
    children: index < files.length ? [index + 1] : [],
  }));
  const samples = files.map((_, index) => index + 1);
  const timeDeltas = files.map(() => 100);
  const times = timeBySteps({ nodes, samples, timeDeltas, startTime: 0, endTime: 0 });
  return Object.fromEntries([...times].filter(([, time]) => time > 0));
}
