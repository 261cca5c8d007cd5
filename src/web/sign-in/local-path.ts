const here = "http://here.invalid";
const longest = 2_000;

/** The path if it leads to a page of this site. Otherwise undefined: nobody may send people elsewhere with one of our addresses. */
export function localPath(text: unknown): string | undefined {
  if (typeof text !== "string" || text.length > longest || !startsHere(text)) return undefined;
  // Read as a browser reads it, which leaves out tabs and line breaks, and takes \ for /.
  const url = URL.canParse(text, here) ? new URL(text, here) : undefined;
  if (url?.origin !== here) return undefined;
  const path = url.pathname + url.search + url.hash;
  return startsHere(path) ? path : undefined; // "/.//evil.example" becomes "//evil.example"
}

function startsHere(path: string): boolean {
  return /^\/(?![/\\])/.test(path);
}
