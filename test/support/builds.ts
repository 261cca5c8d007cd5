import { column, nullable, on, Projector, table } from "#sequent";
import { CommandService, keepUp, PostgresEventStore, type ProjectorClass } from "#sequent/operations";
import { commandHandlers, eventTypes } from "../../src/blog.ts";
import type { Database } from "../../src/database/database.ts";
import {
  PostAdded,
  PostContentChanged,
  PostPublished,
  PostTitleChanged,
} from "../../src/domain/post/events.ts";
import { AuthorProjector } from "../../src/projections/author-projector.ts";
import { postRecords } from "../../src/projections/post-record.ts";
import { PostRevisionProjector } from "../../src/projections/post-revision-projector.ts";

/** A build of the blog, as a process of its own would run it. */
export class Build {
  readonly projectors: readonly ProjectorClass[];
  readonly eventStore: PostgresEventStore;
  readonly commandService: CommandService;
  readonly #stop: () => Promise<void>;
  /** What went wrong while it projected what others put aside. */
  readonly errors: unknown[] = [];

  constructor({ write }: Database, projectors: readonly ProjectorClass[], everyMs = 50) {
    this.projectors = projectors;
    this.eventStore = new PostgresEventStore(write, eventTypes);
    this.commandService = new CommandService({ eventStore: this.eventStore, commandHandlers, projectors });
    const onError = (error: unknown) => this.errors.push(error);
    this.#stop = keepUp({ eventStore: this.eventStore, projectors, everyMs, onError });
  }

  stop(): Promise<void> {
    return this.#stop();
  }
}

/**
 * The projectors of a build whose view of posts has a column of its own, which no other version could fill: a row that
 * another one wrote stands out. One of its handlers reads a row, so that units open transactions too.
 */
export function projectorsOf(version: number): ProjectorClass[] {
  const ownColumn = `made_by_${version}`;
  const records = table("post_records", {
    primaryKey: ["aggregate_id"],
    columns: { ...postRecords.columns, [ownColumn]: column.text, seen: nullable(column.text) },
  });

  class PostProjector extends Projector("PostProjector", { version, tables: [records] }) {
    readonly handlers = [
      on(PostAdded, ({ aggregateId, sequenceNumber, createdAt }) =>
        this.create(records, {
          aggregate_id: aggregateId,
          title: "",
          content: "",
          version: sequenceNumber,
          created_at: createdAt,
          updated_at: createdAt,
          [ownColumn]: "added",
        }),
      ),
      on(PostTitleChanged, ({ aggregateId, title, sequenceNumber }) =>
        this.update(records, { aggregate_id: aggregateId }, { title, version: sequenceNumber }),
      ),
      on(PostContentChanged, ({ aggregateId, content, sequenceNumber }) =>
        this.update(
          records,
          { aggregate_id: aggregateId },
          { content, version: sequenceNumber, [ownColumn]: "edited" },
        ),
      ),
      on(PostPublished, async ({ aggregateId, publicationDate, createdAt, sequenceNumber }) => {
        const post = await this.find(records, { aggregate_id: aggregateId });
        this.update(
          records,
          { aggregate_id: aggregateId },
          {
            publication_date: publicationDate,
            published_at: createdAt,
            version: sequenceNumber,
            seen: `${post?.title} ${post?.version}`,
          },
        );
      }),
    ];
  }
  return [AuthorProjector, PostProjector, PostRevisionProjector];
}

const titleRecords = table("title_records", {
  columns: { aggregate_id: column.uuid, titles: column.text },
  primaryKey: ["aggregate_id"],
});

/** A projector that older builds do not have at all. */
export class TitleProjector extends Projector("TitleProjector", { version: 1, tables: [titleRecords] }) {
  readonly handlers = [
    on(PostTitleChanged, async ({ aggregateId, title }) => {
      const before = await this.find(titleRecords, { aggregate_id: aggregateId });
      const titles = before ? `${before.titles}, ${title}` : title;
      this.createOrUpdate(titleRecords, { aggregate_id: aggregateId, titles });
    }),
  ];
}
