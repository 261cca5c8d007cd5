import { addImport, addToList, PlaceNotFound } from "./edits.ts";
import { codeOf } from "./source.ts";

/** The files of a project in memory. A change is seen by those after it, and nothing is written. */
export class Tree {
  readonly #files: ReadonlyMap<string, string>;
  readonly #changes = new Map<string, string>();
  readonly #byHand: string[] = [];

  constructor(files: ReadonlyMap<string, string>) {
    this.#files = files;
  }

  /** What is new or another than before, by its path. */
  get changes(): ReadonlyMap<string, string> {
    return this.#changes;
  }

  /** The edits that found no place. */
  get byHand(): readonly string[] {
    return this.#byHand;
  }

  has(path: string): boolean {
    return this.#changes.has(path) || this.#files.has(path);
  }

  /** An empty text if there is no such file. */
  read(path: string): string {
    return this.#changes.get(path) ?? this.#files.get(path) ?? "";
  }

  paths(prefix: string): string[] {
    const all = new Set([...this.#files.keys(), ...this.#changes.keys()]);
    return [...all].filter((path) => path.startsWith(prefix)).sort();
  }

  create(path: string, text: string): void {
    this.#changes.set(path, text);
  }

  /**
   * If the place of the edit is missing, somebody has to add the lines by hand. That was done already if the file uses this
   * `sign`.
   */
  edit(path: string, lines: string, change: (text: string) => string, sign = lines): void {
    const text = this.read(path);
    try {
      this.#changes.set(path, change(text));
    } catch (error) {
      if (!(error instanceof PlaceNotFound)) throw error;
      if (!withoutImports(text).includes(sign))
        this.#byHand.push(`In ${path}: ${error.message}\n\n${indented(lines)}`);
    }
  }

  /** Imports a name, and adds it to a list. */
  enlist(path: string, list: string, name: string, from: string, item = name): void {
    const lines = `import { ${name} } from "${from}";\n… ${list} = [… ${item}]`;
    this.edit(path, lines, (text) => addToList(addImport(text, [name], from), list, item), item);
  }
}

function withoutImports(text: string): string {
  return codeOf(text).replace(/^import [^;]*;$/gm, "");
}

function indented(lines: string): string {
  return lines.replace(/^(?=.)/gm, "    ");
}
