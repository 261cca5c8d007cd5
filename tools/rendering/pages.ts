import { posix } from "node:path";

type IsLeftOut = (path: string) => boolean;

/** A page in Markdown. What is left out is not named: its links, its lines in lists and in the map of folders, and its scripts. */
export function withoutNames(
  path: string,
  text: string,
  isLeftOut: IsLeftOut,
  scripts: readonly string[],
): string {
  const listed = text.replace(/^ *- \[[^\]\n]+\]\(([^):#\s]+)\).*\n/gm, (line, target: string) =>
    isLeftOut(posix.join(posix.dirname(path), target)) ? "" : line,
  );
  const linked = listed.replace(
    /(!?)\[([^\]\n]+)\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g,
    (link, image: string, words: string, target: string) => {
      if (!isLeftOut(posix.join(posix.dirname(path), target))) return link;
      return image ? "" : words;
    },
  );
  const mapped = linked.replace(/^([\w./-]+)\/ {2,}.*\n/gm, (line, folder: string) =>
    isLeftOut(folder) ? "" : line,
  );
  return withoutScripts(mapped, scripts);
}

/** The rows of tables and the steps of workflows that run a script that is left out. */
export function withoutScripts(text: string, scripts: readonly string[]): string {
  const runs = `npm run (?:${scripts.join("|")})(?![\\w:-])`;
  return text.replace(new RegExp(`^(?:\\| +\`${runs}|\\s*- run: ${runs}).*\\n`, "gm"), "");
}

/** A page of a starter may leave a section empty: it is the same as in the page of ours whose place it takes. */
export function withSectionsOf(ours: string, text: string): string {
  return text.replace(/^(## .*)\n+(?=## |$(?![\s\S]))/gm, (heading, title: string) => {
    const section = ours.split(/^(?=## )/m).find((each) => each.startsWith(`${title}\n`));
    return section ?? heading;
  });
}
