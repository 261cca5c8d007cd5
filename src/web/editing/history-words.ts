/** What a page says of an event. */
export interface Words {
  readonly heading: string;
  /** Instead of that, of the first one of its type. */
  readonly first?: string;
  /** The attribute with the day that it is about. */
  readonly date?: string;
}

/** The labels of a form, by attribute. */
export type Labels = Readonly<Record<string, string>>;

/**
 * An event that is not here has the label of the one attribute that it changes, "Subtitle changed", or else the words of its
 * type: "PostTagAdded" is "Tag added".
 */
const words: Readonly<Record<string, Words>> = {
  PostAdded: { heading: "Created" },
  PostAuthorChanged: { heading: "Author set" },
  PostTitleChanged: { heading: "Title changed", first: "Title written" },
  PostContentChanged: { heading: "Text changed", first: "Text written" },
  PostPublished: { heading: "Published", date: "publicationDate" },
};

export function wordsOf(eventType: string, attributes: readonly string[], labels: Labels): Words {
  const known = words[eventType];
  if (known) return known;
  const [only = "", ...others] = attributes;
  const label = others.length === 0 && eventType.endsWith("Changed") ? labels[only] : undefined;
  return { heading: label ? `${label} changed` : sentence(eventType.replace(/^Post(?=[A-Z])/, "")) };
}

/** `readingTime` is "Reading time". */
export function sentence(name: string): string {
  const spaced = name.replace(/(?<=[a-z\d])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
