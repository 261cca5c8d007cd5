import { BrokerUnavailable } from "./broker.ts";

/** How long a broker may take for anything. */
export const patienceMs = 10_000;

/** The clients have promises that never settle if the broker hangs, so each of them gets an end of ours. */
export async function within<Result>(
  work: Promise<Result>,
  what: string,
  milliseconds = patienceMs,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, reject) => {
    const late = () => reject(new BrokerUnavailable(`${what} took longer than ${milliseconds} ms`));
    timer = setTimeout(late, milliseconds);
  });
  try {
    return await Promise.race([work, overdue]);
  } catch (error) {
    if (error instanceof BrokerUnavailable) throw error;
    throw new BrokerUnavailable(`${what} failed: ${reasonOf(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** Some errors of clients have no message of their own, such as that of an address with two failed connections. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(", ");
  return error instanceof Error ? error.message || error.name : String(error);
}
