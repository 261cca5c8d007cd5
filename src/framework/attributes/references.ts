import type { Attribute, Attributes } from "./attribute.ts";

/** A place in a message that names another aggregate: see `reference()`. */
export interface Reference {
  /** As in an error: `authorAggregateId`, `lines[].productId`. */
  readonly path: string;
  readonly aggregateType: string;
  /** The ids that stand there, in the values of a message. */
  idsIn(values: object): readonly string[];
}

/** All that is declared, also in lists and value objects. Found once for each declaration, not for each message. */
export function referencesIn(attributes: Attributes): Reference[] {
  return Object.entries(attributes).flatMap(([name, attribute]) =>
    referencesOf(attribute).map(({ path, aggregateType, idsOf }) => ({
      path: path === "" || path.startsWith("[") ? name + path : `${name}.${path}`,
      aggregateType,
      idsIn(values: object) {
        const value = (values as Record<string, unknown>)[name];
        return value === undefined ? [] : idsOf(value);
      },
    })),
  );
}

interface Below extends Omit<Reference, "idsIn"> {
  idsOf(value: unknown): readonly string[];
}

function referencesOf({ reference, element, attributes }: Attribute<unknown>): Below[] {
  if (reference !== undefined) return [{ path: "", aggregateType: reference, idsOf: (id) => [id as string] }];
  if (element)
    return referencesIn({ "[]": element }).map(({ idsIn, ...rest }) => ({
      ...rest,
      idsOf: (list) => (list as readonly unknown[]).flatMap((each) => idsIn({ "[]": each })),
    }));
  if (attributes)
    return referencesIn(attributes).map(({ idsIn, ...rest }) => ({
      ...rest,
      idsOf: (values) => idsIn(values as object),
    }));
  return [];
}
