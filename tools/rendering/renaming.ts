import { Refused } from "../../src/bin/command.ts";
import { Words } from "../words.ts";
import { type Piece, piecesOf } from "./pieces.ts";
import type { Project } from "./project.ts";
import { fits, type Recipe } from "./recipe.ts";

/** Two files would have one name. */
export class NameTaken extends Refused {
  constructor(name: string, path: string) {
    super(`${path} would be called ${name}, but there is such a file already. Choose another word.`);
  }
}

/** The words of a project instead of those of the blog, all at once: `Author` may become `Post`, and `Post` `Author`. */
export class Renaming {
  readonly #targets = new Map<string, Words>();
  readonly #exact: ReadonlyMap<string, string>;
  readonly #pattern: RegExp;
  readonly #asTheyAre: readonly string[];

  constructor({ name, title, from, rename }: Project, recipe: Recipe) {
    const words = { ...(from === "starter" ? recipe.rename : rename), Blog: new Words(name).pascal };
    for (const [word, target] of Object.entries(words)) this.#add(word, target);
    for (const [word, target] of Object.entries(recipe.giveWay))
      if (this.#takes(word)) this.#add(word, target);
    this.#exact = new Map([
      ["sequent-blog", name],
      ["sequent_blog", new Words(name).snake],
      ["Sequent Blog", title],
    ]);
    this.#pattern = this.#patternOfWords();
    this.#asTheyAre = recipe.asTheyAre;
  }

  path(path: string): string {
    return this.#isKept(path) ? path : this.#renamed(path, "path");
  }

  content(path: string, content: Buffer): Buffer {
    if (content.includes(0) || this.#isKept(path)) return content;
    const pieces = piecesOf(path, content.toString());
    return Buffer.from(pieces.map(({ kind, text }) => this.#renamed(text, kind)).join(""));
  }

  #isKept(path: string): boolean {
    return this.#asTheyAre.some((pattern) => fits(path, pattern));
  }

  #add(word: string, target: string): void {
    const [singular = "", plural] = target.split("/");
    const words = new Words(singular, plural);
    const { pascal, camel } = new Words(word);
    for (const [one, many] of [
      [pascal, new Words(word).plural.pascal],
      [camel, new Words(word).plural.camel],
    ] as const) {
      this.#targets.set(one, words);
      this.#targets.set(many, words.plural);
    }
  }

  #takes(word: string): boolean {
    return [...this.#targets.values()].some(({ pascal }) => pascal === word);
  }

  /** Whole words, also inside of a name: in `addPost`, `post_records` and `PostsByAuthor`, but not in `Postgres`. */
  #patternOfWords(): RegExp {
    const article = /(?:\b([Aa])n?((?:\s+(?:\*|\/\/|#|--))?\s+[`"'[*_]*))?/.source;
    const exact = [...this.#exact.keys()].join("|");
    const words = [...this.#targets.keys()].sort((one, other) => other.length - one.length);
    const starting = (pattern: RegExp) => words.filter((word) => pattern.test(word)).join("|");
    const capital = `(?<![A-Z])(?:${starting(/^[A-Z]/)})(?![a-z])`;
    const lower = `(?<![A-Za-z])(?:${starting(/^[a-z]/)})(?![a-z])`;
    return new RegExp(`${article}(${exact}|${capital}|${lower})`, "g");
  }

  #renamed(text: string, kind: Piece["kind"]): string {
    return text.replace(
      this.#pattern,
      (found: string, a: string | undefined, between: string, word: string, at: number) => {
        const start = at + found.length - word.length;
        if (isMethodOfHttp(word, kind, text, start)) return found;
        const renamed = this.#exact.get(word) ?? this.#cased(word, kind, text, start);
        if (a === undefined) return renamed;
        return `${a}${beginsWithVowel(renamed) ? "n" : ""}${between}${renamed}`;
      },
    );
  }

  #cased(word: string, kind: Piece["kind"], text: string, start: number): string {
    const target = this.#targets.get(word);
    if (!target) return word;
    const before = text.slice(Math.max(0, start - 1), start);
    const after = text.slice(start + word.length, start + word.length + 10);
    const isProse = kind === "prose" && !/[\w.]/.test(before) && !/^(\w|\\?\.\w|\()/.test(after);
    if (/^[A-Z]/.test(word)) return isProse ? sentence(target.text) : target.pascal;
    if (before === "_" || after.startsWith("_")) return target.snake;
    if (
      /[-/]/.test(before) ||
      /^([-/]|\.(?:ts|js|ejs|md|css|example|local|localhost|home)\b)/.test(after) ||
      kind === "path"
    )
      return target.kebab;
    if (/--[a-z]+ $/.test(text.slice(0, start))) return target.camel; // of an option, as in the code
    if (isProse) return target.text;
    return target.camel;
  }
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** "post" is also a word of HTTP and of Node: `app.post(…)`, `method="post"`, `"post"`, `worker.postMessage`. */
function isMethodOfHttp(word: string, kind: Piece["kind"], text: string, start: number): boolean {
  if (word !== "post") return false;
  const before = text.slice(Math.max(0, start - 8), start);
  const after = text.slice(start + word.length, start + word.length + 7);
  if (after.startsWith("Message")) return true;
  if (before.endsWith(".") && after.startsWith("(")) return true;
  return before.endsWith('"') && after.startsWith('"') && (kind === "code" || before.endsWith('method="'));
}

/** By sound, as far as letters tell: an hour, a user. */
function beginsWithVowel(word: string): boolean {
  return /^([aeiou]|hour|honest|heir)/i.test(word) && !/^(uni|us[aeiu]|eu|one|once)/i.test(word);
}
