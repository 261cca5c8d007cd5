import fc from "fast-check";
import { expect, test } from "vitest";
import { Author } from "../../../src/domain/author/author.ts";
import * as authorEvents from "../../../src/domain/author/events.ts";
import {
  AuthorAdded,
  AuthorEmailSet,
  AuthorErased,
  AuthorNameSet,
} from "../../../src/domain/author/events.ts";
import * as postEvents from "../../../src/domain/post/events.ts";
import {
  PostAdded,
  PostAuthorChanged,
  PostContentChanged,
  PostPublished,
  PostTitleChanged,
} from "../../../src/domain/post/events.ts";
import { Post } from "../../../src/domain/post/post.ts";
import {
  type AggregateClass,
  type AggregateRoot,
  type BaseEvent,
  type EventClass,
  newId,
} from "../../../src/framework/index.ts";
import { snapshotFromJson } from "../../../src/framework/snapshot.ts";
import { numbered } from "../../../src/framework/testing/numbered.ts";
import { privateState } from "../framework/support/private-state.ts";

const id = newId();
const text = fc.string({ unit: "binary" }).filter((each) => each.isWellFormed() && !each.includes("\0"));
const publicationDate = "2026-01-31";

const postEvent = fc.oneof(
  fc.uuid().map((authorAggregateId) => PostAuthorChanged.of(id, { authorAggregateId })),
  text.map((title) => PostTitleChanged.of(id, { title })),
  text.map((content) => PostContentChanged.of(id, { content })),
  fc.uuid().map((authorAggregateId) => PostPublished.of(id, { publicationDate, authorAggregateId })),
);
const authorEvent = fc.oneof(
  text.map((name) => AuthorNameSet.of(id, { name })),
  text.map((email) => AuthorEmailSet.of(id, { email })),
  text.map((by) => AuthorErased.of(id, { by })),
);

interface Case {
  readonly aggregateClass: AggregateClass;
  readonly events: Readonly<Record<string, EventClass>>;
  readonly added: BaseEvent;
  readonly event: fc.Arbitrary<BaseEvent>;
}

test.each<Case>([
  { aggregateClass: Post, events: postEvents, added: PostAdded.of(id), event: postEvent },
  { aggregateClass: Author, events: authorEvents, added: AuthorAdded.of(id), event: authorEvent },
])(
  "$aggregateClass.type is the same from all its events and from a snapshot at any point, private fields and all",
  ({ aggregateClass, events: known, added, event }) => {
    const seen = new Set([added.class]);
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), fc.nat(), (events, place) => {
        for (const each of events) seen.add(each.class);
        const history = numbered([added, ...events]);
        const version = place % (history.length + 1);
        const whole = new aggregateClass(id).loadFromHistory(history);
        const resumed = throughSnapshot(aggregateClass, history.slice(0, version));
        resumed.loadFromHistory(history.slice(version));
        expect(privateState(resumed)).toEqual(privateState(whole));
      }),
      { numRuns: 300 },
    );
    expect(seen).toEqual(new Set(Object.values(known))); // a new event belongs into this test
  },
);

/** An aggregate that comes from a snapshot, as it would from the store. */
function throughSnapshot(aggregateClass: AggregateClass, history: readonly BaseEvent[]): AggregateRoot {
  const aggregate = new aggregateClass(id).loadFromHistory(history);
  const state = JSON.parse(JSON.stringify(aggregate.takeSnapshot()?.toJson()));
  const snapshot = aggregateClass.snapshot && snapshotFromJson(aggregateClass.snapshot, state);
  if (!snapshot) throw new Error("The snapshot cannot be read.");
  return new aggregateClass(id).loadFromHistory([], { snapshot, version: aggregate.version });
}
