/** The first line of an excerpt that is not at its place in a text. `...`, also in a comment, skips lines. */
export function missingIn(excerpt: string, text: string): string | undefined {
  const lines = (of: string) =>
    of
      .split("\n")
      .map((line) => line.trimEnd())
      .filter((line) => line !== "");
  const [all, wanted] = [lines(text), lines(excerpt)];
  const groups: string[][] = [[]];
  for (const line of wanted)
    if (/^\s*(\/\/|#|--|<!--|<%#)?\s*\.\.\.\s*(-->|%>)?$/.test(line)) groups.push([]);
    else groups.at(-1)?.push(line);
  let from = 0;
  for (const group of groups) {
    const at = all.findIndex(
      (_, index) => index >= from && group.every((line, next) => all[index + next] === line),
    );
    if (at === -1) return group.find((line) => !all.slice(from).includes(line)) ?? group.join("\n");
    from = at + group.length;
  }
  return undefined;
}
