/**
 * Finds the sections that have all words, better ones first. An excerpt is a list of texts, and every second
 * one is a word that was looked for.
 */
export function findSections(index, query, most = 12, mostOfPage = 3) {
  const words = query.trim().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const quoted = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const found = [];
  for (const [title, heading, address, text] of index) {
    const weights = quoted.map((word) => weightOf(word, heading || title, title, text));
    if (weights.includes(0)) continue;
    const share = words.join(" ").length / (heading || title).length;
    const weight = weights.reduce((sum, each) => sum + each, Math.min(share, 1) + (heading ? 0 : 1));
    found.push({ title, heading, address, weight, text });
  }
  const times = new Map();
  const excerpt = new RegExp(`(${quoted.join("|")})`, "giu");
  return found
    .sort((a, b) => b.weight - a.weight)
    .filter(({ title }) => times.set(title, (times.get(title) ?? 0) + 1).get(title) <= mostOfPage)
    .slice(0, most)
    .map(({ text, ...section }) => ({ ...section, excerpt: excerptOf(text, excerpt) }));
}

/** How well a word fits: at the beginning of a word of the heading is best, and inside of a word of the text is least. */
function weightOf(word, heading, title, text) {
  const begins = new RegExp(`(?<![\\p{L}\\p{N}])${word}`, "iu");
  const within = new RegExp(word, "iu");
  if (within.test(heading)) return begins.test(heading) ? 10 : 6;
  const ofText = begins.test(text) ? 3 : within.test(text) ? 1 : 0;
  return ofText + (within.test(title) ? 2 : 0);
}

function excerptOf(text, words) {
  const at = Math.max(0, text.search(words));
  const start = at < 50 ? 0 : text.lastIndexOf(" ", at - 40) + 1;
  const end = text.length < start + 170 ? text.length : text.lastIndexOf(" ", start + 170);
  const cut = text.slice(start, Math.max(end, start + 60));
  return `${start > 0 ? "… " : ""}${cut}${end < text.length ? " …" : ""}`.split(words);
}
