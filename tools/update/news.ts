/** The points of a changelog that an older one does not have, under their headings. */
export function newsIn(changelog: string, older: string): string {
  const known = new Set(blocksOf(older).map(withoutBreaks));
  let headings: string[] = []; // those of the next point that are not written yet
  const news: string[] = [];
  for (const block of blocksOf(changelog)) {
    const level = levelOf(block);
    if (level === 1) continue; // the title of the file
    if (level > 1) headings = [...headings.filter((each) => levelOf(each) < level), block];
    else if (!known.has(withoutBreaks(block)))
      news.push(...headings.splice(0).map((each) => `\n${each}\n`), block);
  }
  return news
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
}

/** Headings, points of lists and paragraphs. */
function blocksOf(text: string): string[] {
  return text.split(/\r?\n(?=\s*\n|#|- )/).flatMap((block) => block.trim() || []);
}

/** A line in bold letters stands under all headings. */
function levelOf(block: string): number {
  if (/^\*\*.*\*\*$/.test(block)) return 7;
  return /^#+(?= )/.exec(block)?.[0].length ?? 0;
}

/** A point is no news if only its lines were broken elsewhere. */
function withoutBreaks(block: string): string {
  return block.replaceAll(/\s+/g, " ");
}
