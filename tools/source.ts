/** Reads the source of a program as far as an edit needs it: what is code, and where a bracket ends. */

/** Comments, texts, templates, and patterns, whose quotes must not count as those of texts. */
export const notCode =
  /(\/\/[^\n]*|\/\*[\s\S]*?\*\/)|("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|(`(?:\\.|[^`\\])*`)|(?<=[(,=:[!&|?{};]\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g;

/**
 * The same text, in which comments are spaces and the letters of texts and patterns are underscores. All else keeps its
 * place, so a bracket or a name that is found here is one of the code.
 */
export function codeOf(text: string): string {
  return text.replace(notCode, (found) =>
    /^\/[/*]/.test(found) ? found.replace(/[^\n]/g, " ") : `"${found.slice(1, -1).replace(/[^\n]/g, "_")}"`,
  );
}

/** Where the bracket that opens at `open` closes, or -1. */
export function closing(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if ("([{".includes(code.charAt(at))) depth++;
    if (")]}".includes(code.charAt(at)) && --depth === 0) return at;
  }
  return -1;
}

/** The parts between the commas of a list: `a, b(c, d)` has two. */
export function partsOf(list: string): string[] {
  const code = codeOf(list);
  const parts: string[] = [];
  let from = 0;
  let depth = 0;
  for (let at = 0; at <= code.length; at++) {
    const char = code.charAt(at);
    if (char !== "" && "([{".includes(char)) depth++;
    if (char !== "" && ")]}".includes(char)) depth--;
    if (at < code.length && (char !== "," || depth > 0)) continue;
    parts.push(withoutComments(list.slice(from, at), code.slice(from, at)));
    from = at + 1;
  }
  return parts.filter((part) => part !== "");
}

function withoutComments(text: string, code: string): string {
  return [...text]
    .map((char, at) => (code.charAt(at) === " " ? " " : char))
    .join("")
    .trim();
}
