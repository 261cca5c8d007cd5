import { SQL } from "@event-driven-io/dumbo";
import type { Event } from "@event-driven-io/emmett";
import {
  pongoSingleStreamProjection,
  postgreSQLRawBatchSQLProjection,
} from "@event-driven-io/emmett-postgresql";

const types = ["PostAdded", "PostAuthorChanged", "PostTitleChanged", "PostContentChanged"];

export interface Post {
  readonly author: string;
  readonly title: string;
  readonly content: string;
}

export const nothing: Post = { author: "", title: "", content: "" };

export function evolve(post: Post, { type, data }: Event): Post {
  return type === "PostAdded" ? post : { ...post, ...data };
}

/** The events of a post that is added: the same as ours. */
export function added(post: Post): Event[] {
  return [
    { type: "PostAdded", data: {} },
    { type: "PostAuthorChanged", data: { author: post.author } },
    { type: "PostTitleChanged", data: { title: post.title } },
    { type: "PostContentChanged", data: { content: post.content } },
  ];
}

/** One row by one statement for all events of an append, which is the best that it can do. */
export const rows = postgreSQLRawBatchSQLProjection({
  name: "posts",
  canHandle: types,
  evolve: (events) => {
    const id = events[0]?.metadata.streamName;
    const post = events.reduce(evolve, nothing);
    return [
      SQL`insert into posts (id, author, title, content) values (${id}, ${post.author}, ${post.title}, ${post.content})`,
    ];
  },
  init: () =>
    SQL`create table if not exists posts (id text primary key, author text, title text, content text)`,
});

/** One document. */
export const documents = pongoSingleStreamProjection<Post>({
  collectionName: "documents",
  canHandle: types,
  evolve,
  initialState: () => nothing,
});
