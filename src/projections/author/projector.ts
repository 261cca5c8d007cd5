import { erased, increment, on, Projector } from "#sequent";
import {
  AuthorAdded,
  AuthorEmailConfirmed,
  AuthorEmailSet,
  AuthorErased,
  AuthorMailsChosen,
  AuthorNameSet,
} from "../../domain/author/events.ts";
import { PostPublished } from "../../domain/post/events.ts";
import { authorRecords } from "./record.ts";

export class AuthorProjector extends Projector("AuthorProjector", { version: 3, tables: [authorRecords] }) {
  readonly handlers = [
    on(AuthorAdded, ({ aggregateId, createdAt }) =>
      this.create(authorRecords, {
        aggregate_id: aggregateId,
        name: "",
        email: "",
        is_email_confirmed: false,
        published_posts: 0,
        created_at: createdAt,
      }),
    ),

    on(AuthorNameSet, ({ aggregateId, name }) =>
      this.update(authorRecords, { aggregate_id: aggregateId }, { name }),
    ),

    on(AuthorEmailSet, ({ aggregateId, email }) =>
      this.update(authorRecords, { aggregate_id: aggregateId }, { email }),
    ),

    on(AuthorEmailConfirmed, ({ aggregateId }) =>
      this.update(authorRecords, { aggregate_id: aggregateId }, { is_email_confirmed: true }),
    ),

    on(AuthorMailsChosen, ({ aggregateId, mails }) =>
      this.update(authorRecords, { aggregate_id: aggregateId }, { mails }),
    ),

    on(AuthorErased, ({ aggregateId, createdAt }) =>
      this.update(
        authorRecords,
        { aggregate_id: aggregateId },
        { name: erased, email: erased, is_email_confirmed: false, erased_at: createdAt },
      ),
    ),

    on(PostPublished, ({ authorAggregateId }) =>
      this.update(authorRecords, { aggregate_id: authorAggregateId }, { published_posts: increment(1) }),
    ),
  ];
}
