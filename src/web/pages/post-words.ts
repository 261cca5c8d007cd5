import type { HistoryWords } from "../editing/history.ts";
import { labelsOf } from "../forms/description.ts";
import { postForm } from "./post-forms.ts";

/** The words in the history of a post. Other events have the label of their field, or the words of their type. */
export const postWords: HistoryWords = {
  aggregateType: "Post",
  labels: labelsOf(postForm),
  events: {
    PostAdded: { heading: "Created" },
    PostAuthorChanged: { heading: "Author set" },
    PostTitleChanged: { heading: "Title changed", first: "Title written" },
    PostContentChanged: { heading: "Text changed", first: "Text written" },
    PostPublished: { heading: "Published", date: "publicationDate" },
    PostScheduled: { heading: "Scheduled", time: { at: "dueAt", timeZone: "timeZone" } },
    PostScheduleCancelled: { heading: "Schedule cancelled" },
  },
};
