/** What a page says of an event. */
export interface Words {
  readonly heading: string;
  /** Instead of that, of the first one of its type. */
  readonly first?: string;
  /** The attribute with the day that it is about. */
  readonly date?: string;
}

/** An event that is not here has the words of its type: "PostSubtitleChanged" is "Subtitle changed". */
const words: Readonly<Record<string, Words>> = {
  PostAdded: { heading: "Created" },
  PostAuthorChanged: { heading: "Author set" },
  PostTitleChanged: { heading: "Title changed", first: "Title written" },
  PostContentChanged: { heading: "Text changed", first: "Text written" },
  PostPublished: { heading: "Published", date: "publicationDate" },
};

export function wordsOf(eventType: string): Words {
  return words[eventType] ?? { heading: sentence(eventType.replace(/^Post(?=[A-Z])/, "")) };
}

/** `readingTime` is "Reading time". */
export function sentence(name: string): string {
  const spaced = name.replace(/(?<=[a-z\d])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
