type Close = () => Promise<void>;

const open = new Set<Close>();
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Does the work and then closes. Ctrl-C closes, too: it does not reach the programs of a `Terminal`, which would go on running. */
export async function closingAfter<T>(close: Close, work: () => Promise<T>): Promise<T> {
  let closed: Promise<void> | undefined;
  const once = () => {
    closed ??= close();
    return closed;
  };
  if (open.size === 0) for (const signal of signals) process.on(signal, stop);
  open.add(once);
  try {
    return await work();
  } finally {
    await once();
    open.delete(once);
    if (open.size === 0) for (const signal of signals) process.off(signal, stop);
  }
}

/** A terminal and npm may both send the signal. */
async function stop(): Promise<void> {
  await Promise.allSettled([...open].map((close) => close()));
  process.exit(130);
}
