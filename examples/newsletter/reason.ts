/** An error of a connection that has tried several addresses has no message of its own, but a code. */
export function reasonOf(error: unknown): string {
  const { message = "", code = "" } = error as { message?: string; code?: string };
  return message || code || String(error);
}
