import { expect, test } from "vitest";
import {
  AggregateRoot,
  Command,
  EditConflict,
  integer,
  list,
  merge,
  optional,
  string,
  time,
  VersionConflict,
} from "#sequent";
import { newId } from "#sequent/operations";

class Page extends AggregateRoot("Page", {
  title: string(),
  tags: list(string()),
  due: optional(time()),
  editors: integer(),
}) {
  readonly handlers = [];
}

class EditPage extends Command("EditPage", {
  title: string(),
  tags: list(string()),
  due: optional(time()),
  reason: optional(string()),
}) {}

const aggregateId = newId();
const [monday, tuesday] = [new Date("2026-11-23T09:00Z"), new Date("2026-11-24T09:00Z")];
const before = { title: "a", tags: ["x"], due: monday };

type Values = Partial<{ title: string; tags: string[]; due: Date | undefined }>;

const at = (version: number, values: Values) =>
  new Page(aggregateId).loadFromHistory([], { version, state: { ...before, editors: version, ...values } });
const merged = (theirs: Values, mine: Values) =>
  merge({ seen: at(4, {}), now: at(7, theirs), asked: new EditPage({ aggregateId, ...before, ...mine }) });

test.each<[what: string, theirs: Values, mine: Values, result: Values]>([
  ["what only I changed is mine", {}, { title: "A" }, { title: "A" }],
  ["what only they changed is theirs", { title: "A" }, {}, { title: "A" }],
  ["different things are both kept", { title: "A" }, { tags: ["x", "y"] }, { title: "A", tags: ["x", "y"] }],
  ["the same change by both is no conflict", { tags: ["y"] }, { tags: ["y"] }, { tags: ["y"] }],
  ["what I emptied is empty", { title: "A" }, { due: undefined }, { title: "A", due: undefined }],
  ["what they emptied is empty", { due: undefined }, { title: "A" }, { title: "A", due: undefined }],
  ["an equal time is no change", { due: new Date(monday) }, { due: tuesday }, { due: tuesday }],
])("%s", (_what, theirs, mine, result) => {
  expect(merged(theirs, mine)).toEqual({ ...before, ...result });
});

test.each<[what: string, theirs: Values, mine: Values, fields: string[]]>([
  ["one thing", { title: "A" }, { title: "Z" }, ["title"]],
  ["a value that one of us emptied", { due: undefined }, { due: tuesday }, ["due"]],
  ["two things", { title: "A", tags: [] }, { title: "Z", tags: ["z"] }, ["title", "tags"]],
])("%s that both changed, differently, is a conflict", (_what, theirs, mine, fields) => {
  expect(() => merged(theirs, mine)).toThrow(EditConflict);
  expect(() => merged(theirs, mine)).toThrow(expect.objectContaining({ fields }));
});

test("a conflict has both versions, the present values, and my values with theirs in the fields that I did not change", () => {
  const merging = () => merged({ title: "A", tags: ["x", "y"] }, { title: "Z" });
  expect(merging).toThrow(VersionConflict);
  expect(merging).toThrow(
    expect.objectContaining({
      aggregateId,
      seenVersion: 4,
      actualVersion: 7,
      fields: ["title"],
      theirs: expect.objectContaining({ title: "A", tags: ["x", "y"], due: monday }),
      mine: { title: "Z", tags: ["x", "y"], due: monday },
    }),
  );
});

test("a sender who saw the present version gets what they ask for", () => {
  const now = at(7, { title: "A" });
  const asked = new EditPage({ aggregateId, title: "Z", tags: [], reason: "moss" });
  expect(merge({ seen: now, now, asked })).toEqual({ title: "Z", tags: [], due: undefined });
});

test("an aggregate without events conflicts with every change", () => {
  const asked = new EditPage({ aggregateId, title: "Z", tags: ["x"] });
  const merging = () => merge({ seen: new Page(aggregateId), now: at(7, {}), asked });
  expect(merging).toThrow(expect.objectContaining({ fields: ["title"] }));
});

test("only attributes that the aggregate has under the same name are merged", () => {
  const now = at(7, {});
  const values = merge({ seen: now, now, asked: new EditPage({ aggregateId, ...before, reason: "moss" }) });
  // @ts-expect-error the command has it, the aggregate does not
  expect(values.reason).toBeUndefined();
  // @ts-expect-error the aggregate has it, the command does not
  expect(values.editors).toBeUndefined();
});
