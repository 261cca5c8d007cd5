import { Session } from "node:inspector";

type Remote = { readonly value?: unknown; readonly objectId?: string; readonly type: string };
type Described = { readonly name: string; readonly value?: Remote };

const shelf: { object: unknown } = { object: undefined };
Object.defineProperty(globalThis, "__privateStateShelf", { value: shelf });

/**
 * All that an object holds, its `#private` fields too, which nothing but the debugger can see: so that two
 * aggregates can be compared whole. What is a function is left out.
 */
export function privateState(object: object): Record<string, unknown> {
  const session = new Session();
  session.connect();
  try {
    return stateOf(session, object);
  } finally {
    session.disconnect();
  }
}

function stateOf(session: Session, object: object): Record<string, unknown> {
  shelf.object = object;
  const { result } = post<{ result: Remote }>(session, "Runtime.evaluate", {
    expression: "__privateStateShelf.object",
  });
  const found = post<{ result: Described[]; privateProperties?: Described[] }>(
    session,
    "Runtime.getProperties",
    { objectId: result.objectId, ownProperties: true },
  );
  const state: Record<string, unknown> = {};
  // Two classes of one hierarchy may have a field of the same name: the position tells them apart.
  for (const [index, { name, value }] of (found.privateProperties ?? []).entries())
    add(session, state, `${index} ${name}`, value);
  for (const { name } of found.result)
    if (name !== "__proto__") addValue(session, state, name, (object as Record<string, unknown>)[name]);
  return state;
}

function add(session: Session, state: Record<string, unknown>, name: string, remote: Remote | undefined) {
  addValue(session, state, name, remote?.objectId ? fetched(session, remote.objectId) : remote?.value);
}

/** An instance of a class of ours may have private fields in turn; what is built in is compared by its values. */
function addValue(session: Session, state: Record<string, unknown>, name: string, value: unknown): void {
  if (typeof value === "function" || name === "handlers") return;
  const isOurs = typeof value === "object" && value !== null && !isBuiltIn(value);
  state[name] = isOurs ? stateOf(session, value) : value;
}

function isBuiltIn(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return [null, Object.prototype, Array.prototype, Map.prototype, Set.prototype, Date.prototype].includes(
    prototype,
  );
}

function fetched(session: Session, objectId: string): unknown {
  post(session, "Runtime.callFunctionOn", {
    objectId,
    functionDeclaration: "function () { __privateStateShelf.object = this; }",
  });
  return shelf.object;
}

/** A session with its own thread answers before `post` returns. */
function post<Result>(session: Session, method: string, parameters: object): Result {
  let answer: { error: Error | null; result?: unknown } | undefined;
  session.post(method, parameters, (error, result) => {
    answer = { error, result };
  });
  if (!answer || answer.error) throw answer?.error ?? new Error(`${method} did not answer at once.`);
  return answer.result as Result;
}
