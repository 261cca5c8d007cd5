import { SQL } from "@event-driven-io/dumbo";
import type { Event } from "@event-driven-io/emmett";
import {
  pongoSingleStreamProjection,
  postgreSQLRawBatchSQLProjection,
  postgreSQLRawSQLProjection,
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

/** The same events of a new post as in the blog. */
export function added(post: Post): Event[] {
  return [
    { type: "PostAdded", data: {} },
    { type: "PostAuthorChanged", data: { author: post.author } },
    { type: "PostTitleChanged", data: { title: post.title } },
    { type: "PostContentChanged", data: { content: post.content } },
  ];
}

/** One row, event by event, as in Emmett's documentation and in our projectors. */
export const rows = postgreSQLRawSQLProjection({
  name: "posts",
  canHandle: types,
  evolve: ({ type, data, metadata: { streamName: id } }) => {
    switch (type) {
      case "PostAuthorChanged":
        return SQL`update posts set author = ${data["author"]} where id = ${id}`;
      case "PostTitleChanged":
        return SQL`update posts set title = ${data["title"]} where id = ${id}`;
      case "PostContentChanged":
        return SQL`update posts set content = ${data["content"]} where id = ${id}`;
      default:
        return SQL`insert into posts (id, author, title, content) values (${id}, '', '', '')`;
    }
  },
  init: () =>
    SQL`create table if not exists posts (id text primary key, author text, title text, content text)`,
});

/** One row, with one statement for all events of an append, merged by hand. This is the fastest way. */
export const mergedRows = postgreSQLRawBatchSQLProjection({
  name: "merged posts",
  canHandle: types,
  evolve: (events) => {
    const id = events[0]?.metadata.streamName;
    const post = events.reduce(evolve, nothing);
    return [
      SQL`insert into merged_posts (id, author, title, content) values (${id}, ${post.author}, ${post.title}, ${post.content})`,
    ];
  },
  init: () =>
    SQL`create table if not exists merged_posts (id text primary key, author text, title text, content text)`,
});

/** One document. */
export const documents = pongoSingleStreamProjection<Post>({
  collectionName: "documents",
  canHandle: types,
  evolve,
  initialState: () => nothing,
});
