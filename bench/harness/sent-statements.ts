import pg from "pg";
import { newId } from "#sequent/operations";

/** A statement in the form that `pg` takes. */
export interface Sent {
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The statements that `work` sends to Postgres. So a yardstick always sends the same as the blog. */
export async function statementsOf(work: () => Promise<unknown>): Promise<Sent[]> {
  const prototype = pg.Client.prototype as unknown as { query: (...args: unknown[]) => unknown };
  const { query } = prototype;
  const sent: Sent[] = [];
  prototype.query = function (this: unknown, ...args) {
    const [config] = args;
    if (typeof config === "object" && config !== null && "text" in config && "values" in config) {
      const { name, text, values } = config as Sent;
      sent.push({ ...(name ? { name } : {}), text, values });
    }
    return query.apply(this, args);
  };
  try {
    await work();
  } finally {
    prototype.query = query;
  }
  return sent;
}

/** The same statements, each time with other words in some places. */
export function varied(
  sent: readonly Sent[],
  words: readonly string[],
): (others: readonly string[]) => Sent[] {
  const pattern = new RegExp(`(${words.map(escaped).join("|")})`);
  const variants = sent.map(({ values, ...statement }) => {
    const vary = values.map((value) => variable(value, pattern, words));
    return (others: readonly string[]) => ({ ...statement, values: vary.map((each) => each(others)) });
  });
  return (others) => variants.map((variant) => variant(others));
}

/** The same statements with fresh ids. */
export function withFreshIds(sent: readonly Sent[], ids: readonly string[]): () => Sent[] {
  const vary = varied(sent, ids);
  return () => vary(ids.map(() => newId()));
}

function variable(
  value: unknown,
  pattern: RegExp,
  words: readonly string[],
): (others: readonly string[]) => unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => variable(item, pattern, words));
    return (others) => items.map((item) => item(others));
  }
  if (typeof value !== "string" || !pattern.test(value)) return () => value;
  const parts = value.split(pattern);
  const places = parts.map((part) => words.indexOf(part));
  return (others) => parts.map((part, index) => others[places[index] ?? -1] ?? part).join("");
}

function escaped(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
