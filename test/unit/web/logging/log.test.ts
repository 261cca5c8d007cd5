import { expect, test } from "vitest";
import { newId, ProjectorFailed } from "#sequent/operations";
import { createLog } from "../../../../src/web/logging/log.ts";
import { CustomerNameSet } from "../../../fixtures/shop/customer/events.ts";

test("an error has a line that says where and why a projector failed, without values of the event", () => {
  const event = CustomerNameSet.of(newId(), { name: "Zelda Quill" });
  const cause = new RangeError("Zelda Quill has no row");
  const lines: string[] = [];
  const log = createLog({ level: "info", write: (line) => lines.push(line) });
  log.error({ err: new ProjectorFailed("CustomerProjector", event, { cause }) }, "request");
  expect(lines.join("")).toMatch(
    `CustomerProjector failed on CustomerNameSet (${event.aggregateId}, number 0): … has no row`,
  );
  expect(lines.join("")).toMatch(/"type":"RangeError","message":"… has no row"/);
  expect(lines.join("")).not.toMatch(/zelda|quill/i);
});

test("for a person, an error is followed by its cause", () => {
  const lines: string[] = [];
  const log = createLog({ level: "info", pretty: true, write: (line) => lines.push(line) });
  log.error({ err: new TypeError("no page", { cause: new RangeError("no row") }) }, "request");
  expect(lines.join("")).toMatch(/TypeError: no page\n {4}at .*\nbecause of\nRangeError: no row\n {4}at /s);
});
