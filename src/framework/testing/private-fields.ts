import { Session } from "node:inspector";

type Remote = { readonly value?: unknown; readonly objectId?: string };
type Described = { readonly name: string; readonly value?: Remote };

/** Through here the debugger, which knows objects by other ids, hands over the object itself. */
const shelf: { object: unknown } = { object: undefined };
const shelfName = "__sequentPrivateFields";

/** The `#private` fields of an object, which nothing but the debugger can see. */
export function privateFieldsOf(object: object): Record<string, unknown> {
  if (!hasPrivateNames(object)) return {};
  const session = new Session();
  session.connect();
  Object.defineProperty(globalThis, shelfName, { value: shelf, configurable: true });
  try {
    shelf.object = object;
    const { result } = post<{ result: Remote }>(session, "Runtime.evaluate", {
      expression: `${shelfName}.object`,
    });
    const { privateProperties = [] } = post<{ privateProperties?: Described[] }>(
      session,
      "Runtime.getProperties",
      { objectId: result.objectId, ownProperties: true },
    );
    return Object.fromEntries(privateProperties.map(({ name, value }) => [name, fetched(session, value)]));
  } finally {
    Reflect.deleteProperty(globalThis, shelfName);
    session.disconnect();
  }
}

/** Most classes have none, and the debugger takes its time. */
function hasPrivateNames(object: object): boolean {
  for (
    let one = object.constructor;
    one.name !== "BaseAggregate" && one.name !== "";
    one = Object.getPrototypeOf(one)
  )
    if (/#\w/.test(String(one))) return true;
  return false;
}

function fetched(session: Session, remote: Remote | undefined): unknown {
  if (!remote?.objectId) return remote?.value;
  post(session, "Runtime.callFunctionOn", {
    objectId: remote.objectId,
    functionDeclaration: `function () { ${shelfName}.object = this; }`,
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
