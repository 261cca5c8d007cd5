import { closing, codeOf, partsOf } from "../source.ts";

/** What a file of a reader lacks of an edit, in words; undefined if it has all. */
export type Lacks = (path: string, text: string | undefined) => Lack | undefined;

export interface Lack {
  readonly words: string;
  /** True if the reader may have written it in another way. */
  readonly mayDiffer?: boolean;
}

export const lacksFile: Lacks = (path, text) =>
  text === undefined ? { words: `There is no file ${path}.` } : undefined;

/** The first line of a block that the file has nowhere. */
export function lacksLine(code: string): Lacks {
  return (path, text) => {
    if (text === undefined) return lacksFile(path, text);
    const all = plain(text);
    const line = code.split("\n").find((each) => !all.includes(plain(each).replace(/,$/, "")));
    if (line === undefined) return undefined;
    return { words: `${path} has no line \`${line.trim()}\`.`, mayDiffer: !path.startsWith("test/") };
  };
}

export function lacksItem(list: string, item: string): Lacks {
  return (path, text = "") => {
    const code = codeOf(text);
    const lists = [...code.matchAll(new RegExp(`\\b${list}(?::|\\b[^\\n=]*=) [[{]`, "g"))];
    const isThere = lists.some((found) => {
      const open = found.index + found[0].length - 1;
      const items = partsOf(text.slice(open + 1, closing(code, open)));
      return items.some((each) => plain(each) === plain(item));
    });
    return isThere ? undefined : { words: `\`${item}\` is not in the list \`${list}\` in ${path}.` };
  };
}

export function lacksImport(names: readonly string[], from: string): Lacks {
  return (path, text = "") => {
    const there = importsIn(text).flatMap((each) => (each.from === from ? each.names : []));
    const missing = names.find((name) => !there.includes(name.replace(/^type /, "")));
    if (missing === undefined) return undefined;
    return { words: `${path} does not import \`${missing}\` from \`${from}\`.` };
  };
}

export function lacksReplaced(from: string, to: string): Lacks {
  return (path, text) =>
    text === undefined || plain(text).includes(plain(to))
      ? lacksFile(path, text)
      : { words: `${path} has no \`${to}\`, in the place of \`${from}\`.`, mayDiffer: true };
}

/** Something that should be gone. */
export function hasStill(gone: string): Lacks {
  return (path, text = "") =>
    plain(text).includes(plain(gone))
      ? { words: `${path} still has \`${gone}\`, which is to be removed.` }
      : undefined;
}

export const isStillThere: Lacks = (path, text) =>
  text === undefined ? undefined : { words: `${path} is still there.` };

const statement = /^import (?:type )?\{([^}]*)\} from "([^"]+)";\n?/gm;

/** The names, without `type`. */
function importsIn(text: string): { names: string[]; from: string }[] {
  return [...text.matchAll(statement)].map(([, list = "", from = ""]) => ({
    names: list.split(",").flatMap((each) => each.trim().replace(/^type /, "") || []),
    from,
  }));
}

/** Without what a formatter may change. */
export function plain(text: string): string {
  return text.replace(/\s+/g, "").replace(/,(?=[)\]}])/g, "");
}

/** The lines of a text, each plain, and each imported name as a line of its own. */
export function plainLines(text: string): string[] {
  const lines = withoutImports(text).split("\n").map(plain);
  return [...importedIn(text), ...lines.filter((line) => line !== "")];
}

/** The same for texts that differ only in format and in the order of imports. */
export function plainText(text: string): string {
  return [...importedIn(text), plain(withoutImports(text))].join("\n");
}

function importedIn(text: string): string[] {
  return importsIn(text)
    .flatMap(({ names, from }) => names.map((name) => `import ${name} ${from}`))
    .sort();
}

function withoutImports(text: string): string {
  return text.replace(statement, "");
}
