/**
 * A name in the forms in which a program writes it, and its plural.
 *
 *     const tip = new Words("BookTip");
 *     tip.pascal; // BookTip       tip.plural.pascal; // BookTips
 *     tip.camel; //  bookTip       tip.kebab; //         book-tip
 *     tip.snake; //  book_tip      tip.text; //          book tip
 */
export class Words {
  readonly #words: readonly string[];
  readonly #plural: string | undefined;

  /** @param name in any of the forms. @param plural if it is not the one that English rules give, such as `People`. */
  constructor(name: string, plural?: string) {
    this.#words = name
      .replaceAll(/([a-z\d])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, "$1$2 ")
      .split(/[\s_-]+/)
      .filter(Boolean)
      .map((word) => word.toLowerCase());
    this.#plural = plural;
  }

  get plural(): Words {
    return new Words(this.#plural ?? pluralOf(this.text));
  }

  get pascal(): string {
    return this.#words.map(capital).join("");
  }

  get camel(): string {
    return this.#words.map((word, index) => (index === 0 ? word : capital(word))).join("");
  }

  get kebab(): string {
    return this.#words.join("-");
  }

  get snake(): string {
    return this.#words.join("_");
  }

  get text(): string {
    return this.#words.join(" ");
  }
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** By the rules that hold for most nouns of English. */
function pluralOf(text: string): string {
  if (/[^aeiou]y$/.test(text)) return text.replace(/y$/, "ies");
  if (/(s|x|z|ch|sh)$/.test(text)) return `${text}es`;
  return `${text}s`;
}

/** "an author", "a post" */
export function withArticle(text: string): string {
  return `${/^[aeiou]/.test(text) ? "an" : "a"} ${text}`;
}
