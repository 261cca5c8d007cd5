import { expect, test } from "vitest";
import { erased } from "#sequent";
import { type JsonObject, newId } from "#sequent/operations";
import {
  type HistoryWords,
  historyOf as historyWith,
  type Revision,
} from "../../../../src/web/editing/history.ts";

const events: HistoryWords["events"] = {
  PostAdded: { heading: "Created" },
  PostAuthorChanged: { heading: "Author set" },
  PostTitleChanged: { heading: "Title changed", first: "Title written" },
  PostContentChanged: { heading: "Text changed", first: "Text written" },
  PostPublished: { heading: "Published", date: "publicationDate" },
};

function historyOf(revisions: readonly Revision[], labels = {}) {
  return historyWith(revisions, { aggregateType: "Post", labels, events });
}

function revision(version: number, event_type: string, payload: JsonObject): Revision {
  return {
    version,
    event_type,
    payload,
    created_at: new Date(),
    is_earlier: false,
  };
}

function revisions(texts: readonly string[]): Revision[] {
  return texts.map((content, index) => revision(index + 1, "PostContentChanged", { content }));
}

/** The text for each event, the oldest first. */
function said(...events: readonly (readonly [type: string, payload: JsonObject])[]) {
  const { entries } = historyOf(events.map(([type, payload], index) => revision(index + 1, type, payload)));
  return entries.toReversed().map(({ heading, date, values }) => {
    const texts = values.map(({ label = "", changes }) => [label, changes]);
    return [heading, ...(date === undefined ? [] : [date]), ...texts];
  });
}

const added = (text: string) => ({ kind: "added", text });
const removed = (text: string) => ({ kind: "removed", text });
const same = (text: string) => ({ kind: "same", text });

test("shows the newest first, and counts those before the oldest", () => {
  const [first, ...others] = revisions(["a", "b", "c", "d"].map((text) => `${text} text`)).slice(-3);
  const { entries, older } = historyOf([{ ...(first as Revision), is_earlier: true }, ...others]);
  expect(entries.map(({ version }) => version)).toEqual([4, 3]);
  expect(entries.at(-1)?.values[0]?.changes).toContainEqual(removed("b"));
  expect(older).toBe(2);
});

test("shows no more text than a page can hold, and counts the rest", () => {
  const texts = Array.from({ length: 60 }, (_, index) => "ab"[index % 2]?.repeat(40_000) ?? "");
  const { entries, older } = historyOf(revisions(texts));
  const shown = entries.flatMap(({ values }) => values.map(({ changes }) => changes));
  const pieces = shown.flatMap((changes) => (changes === "too much" ? [] : changes));
  const length = pieces.reduce((sum, { text }) => sum + text.length, 0);
  expect(length).toBeLessThan(300_000);
  expect(entries.length).toBeGreaterThan(1);
  expect(entries.length + older).toBe(60);
});

test("describes the events that it knows, and shows no ids", () => {
  const authorAggregateId = newId();
  expect(
    said(
      ["PostAdded", {}],
      ["PostAuthorChanged", { authorAggregateId }],
      ["PostTitleChanged", { title: "Moss" }],
      ["PostContentChanged", { content: "It is green." }],
      ["PostPublished", { publicationDate: "2026-11-20", authorAggregateId }],
      ["PostTitleChanged", { title: "On moss" }],
    ),
  ).toEqual([
    ["Created"],
    ["Author set"],
    ["Title written", ["", [added("Moss")]]],
    ["Text written", ["", [added("It is green.")]]],
    ["Published", "2026-11-20"],
    ["Title changed", ["", [removed("Moss"), added("On moss")]]],
  ]);
});

test("shows the names that it was given instead of ids", () => {
  const [kim, ada] = [newId(), newId()];
  const events = [kim, ada, newId()].map((authorAggregateId, index) =>
    revision(index + 1, "PostAuthorChanged", { authorAggregateId }),
  );
  const words = { aggregateType: "Post", labels: {}, events: {}, names: { [kim]: "Kim", [ada]: "Ada" } };
  const changes = historyWith(events, words).entries.map(({ values }) => values[0]?.changes);
  expect(changes).toEqual([[removed("Ada")], [removed("Kim"), added("Ada")], [added("Kim")]]);
});

test("shows an unknown event by its type and its changed values", () => {
  expect(
    said(
      ["PostSubtitleChanged", { subtitle: "About green" }],
      ["PostSubtitleChanged", { subtitle: "About brown" }],
      ["PostSubtitleChanged", {}],
      ["TagsReplaced", { tags: ["moss", "peat"], mainTag: "moss" }],
      ["TagsReplaced", { tags: ["moss", "turf"], mainTag: "moss" }],
      ["PostReadingTimeSet", { minutes: 7 }],
    ),
  ).toEqual([
    ["Subtitle changed", ["", [added("About green")]]],
    ["Subtitle changed", ["", [same("About "), removed("green"), added("brown")]]],
    ["Subtitle changed", ["", [removed("About brown")]]],
    ["Tags replaced", ["Tags", [added("moss\npeat")]], ["Main tag", [added("moss")]]],
    ["Tags replaced", ["", [same("moss\n"), removed("peat"), added("turf")]]],
    ["Reading time set", ["", [added("7")]]],
  ]);
});

test("names changed values like the form", () => {
  const events = [
    revision(1, "PostSubtitleChanged", { subtitle: "About green" }),
    revision(2, "PostSubtitleChanged", { subtitle: "About brown" }),
    revision(3, "PostFiled", { shelf: "B", subtitle: "About turf" }),
  ];
  const { entries } = historyOf(events, { subtitle: "Second title" });
  expect(entries.map(({ heading }) => heading)).toEqual([
    "Filed",
    "Second title changed",
    "Second title changed",
  ]);
  expect(entries[0]?.values.map(({ label }) => label)).toEqual(["Shelf", "Second title"]);
});

test("shows that values were erased", () => {
  const note = { note: erased };
  expect(said(["PostNoteChanged", note], ["PostNoteChanged", note])).toEqual([
    ["Note changed", ["", [added("[erased]")]]],
    ["Note changed", ["", [same("[erased]")]]],
  ]);
});
