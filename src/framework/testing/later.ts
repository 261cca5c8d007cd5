/** Not a round number, so the day, the hour and the second are all different. */
const shift = ((400 * 24 + 5) * 60 + 7) * 60_000 + 11_013;

/** Runs it with a clock that is more than a year ahead. */
export function later<Result>(run: () => Result): Result {
  const { Date: today } = globalThis;
  const now = () => today.now() + shift;
  globalThis.Date = new Proxy(today, {
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
    construct: (target, values, newTarget) =>
      Reflect.construct(target, values.length > 0 ? values : [now()], newTarget),
    apply: () => new today(now()).toString(),
  });
  try {
    return run();
  } finally {
    globalThis.Date = today;
  }
}
