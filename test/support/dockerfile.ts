/** Each instruction, in one line, and the text after its name. */
export function instructionsOf(dockerfile: string): [name: string, text: string][] {
  const lines = dockerfile
    .replace(/^#.*\n/gm, "")
    .replace(/\\\n\s*/g, "")
    .split("\n");
  return lines
    .filter((line) => line !== "")
    .map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]);
}

/** What a COPY takes from the folder of the Dockerfile: nothing if it takes from another stage. */
export function copiedInto(copy: string): string[] {
  return copy.startsWith("--from=") ? [] : copy.split(" ").slice(0, -1);
}
