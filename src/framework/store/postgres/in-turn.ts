const last = new WeakMap<object, Promise<unknown>>();

/** Work on a connection, after what was asked of it before: it takes no statement while it is at another one. */
export function inTurn<Result>(connection: object, work: () => Promise<Result>): Promise<Result> {
  const result = (last.get(connection) ?? Promise.resolve()).then(work);
  last.set(
    connection,
    result.catch(() => {}), // heard by who asked for it
  );
  return result;
}
