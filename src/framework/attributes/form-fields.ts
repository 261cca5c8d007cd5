import type { Attribute, Attributes } from "./attribute.ts";

/** Fields by their paths. A Map, because the names come from outside: `__proto__` is a name like any other. */
type Fields = ReadonlyMap<string, unknown>;

/**
 * The fields that are declared, and no others. A flat form names nested ones by their path, as
 * `address.street`, `address[street]`, `lines[0].amount` or `tags[]`; they come back nested.
 */
export function declaredFields(fields: object, attributes: Attributes): Record<string, unknown> {
  const byPath = Object.entries(fields).map(([path, value]): [string, unknown] => [dotted(path), value]);
  return valuesOf(new Map(byPath), attributes);
}

/** `lines[0].amount` as `lines.0.amount`, and `tags[]` as `tags.` */
function dotted(path: string): string {
  return path.includes("[") ? path.replace(/\[([^.[\]]*)\]/g, ".$1") : path;
}

function valuesOf(fields: Fields, attributes: Attributes): Record<string, unknown> {
  const nested = byFirstStep(fields);
  const values: Record<string, unknown> = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    const below = nested.get(name);
    if (fields.has(name)) values[name] = fields.get(name);
    else if (below) values[name] = nestedValue(below, attribute);
  }
  return values;
}

/** `{ "lines.0.amount": "5" }` as `{ lines: { "0.amount": "5" } }`: one look at each field for each level declared. */
function byFirstStep(fields: Fields): Map<string, Map<string, unknown>> {
  const nested = new Map<string, Map<string, unknown>>();
  for (const [path, value] of fields) {
    const dot = path.indexOf(".");
    if (dot < 0) continue;
    const name = path.slice(0, dot);
    const below = nested.get(name) ?? new Map<string, unknown>();
    nested.set(name, below.set(path.slice(dot + 1), value));
  }
  return nested;
}

function nestedValue(fields: Fields, { attributes, element }: Attribute<unknown>): unknown {
  if (attributes) return valuesOf(fields, attributes);
  return element ? elementsOf(fields, element) : undefined;
}

/** Each element at its index. A form may leave out the row between two others: then there is a hole in the array. */
function elementsOf(fields: Fields, element: Attribute<unknown>): unknown {
  if (fields.has("")) return fields.get("");
  const nested = byFirstStep(fields);
  const elements: unknown[] = [];
  for (const step of [...fields.keys(), ...nested.keys()]) {
    if (!/^\d{1,4}$/.test(step)) continue;
    const below = nested.get(step);
    elements[Number(step)] = fields.has(step) || !below ? fields.get(step) : nestedValue(below, element);
  }
  return elements;
}
