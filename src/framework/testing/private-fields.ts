import { Session } from "node:inspector/promises";

type Remote = { readonly value?: unknown; readonly objectId?: string };
type Described = { readonly name: string; readonly value?: Remote };

const shelfName = "__sequentPrivateFields";

/** The `#private` fields of an object. Only the debugger can see them. */
export async function privateFieldsOf(object: object): Promise<Record<string, unknown>> {
  // The debugger knows values only by ids. The shelf carries the object in and the values out.
  const shelf: { object: object; values: unknown[] } = { object, values: [] };
  const session = new Session();
  session.connect();
  Object.defineProperty(globalThis, shelfName, { value: shelf, configurable: true });
  try {
    const { result } = await session.post("Runtime.evaluate", { expression: `${shelfName}.object` });
    const described: { result: unknown; privateProperties?: Described[] } = await session.post(
      "Runtime.getProperties",
      {
        objectId: result.objectId ?? "",
        ownProperties: true,
      },
    );
    const { privateProperties = [] } = described;
    await session.post("Runtime.callFunctionOn", {
      functionDeclaration: `function (...values) { ${shelfName}.values = values; }`,
      objectId: result.objectId ?? "",
      arguments: privateProperties.map(({ value }) => value ?? {}),
    });
    return Object.fromEntries(privateProperties.map(({ name }, index) => [name, shelf.values[index]]));
  } finally {
    Reflect.deleteProperty(globalThis, shelfName);
    session.disconnect();
  }
}
