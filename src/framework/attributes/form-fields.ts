import type { Attribute, Attributes } from "./attribute.ts";
import { isObject } from "./parsing.ts";

type Parent = Pick<Attribute<unknown>, "attributes" | "element">;

/**
 * The declared fields, and no others. A flat form names nested fields by their path, as in
 * `address.street`, `address[street]`, `lines[0].amount` or `tags[]`. Here they become nested.
 * If a form leaves out the row between two others, there is a hole in the array.
 */
export function declaredFields(fields: object, attributes: Attributes): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const paths = Object.entries(fields).map(([path, value]) => ({ steps: stepsOf(path), value }));
  // The deepest first: a whole list or value object replaces its parts.
  for (const { steps, value } of paths.sort((one, other) => other.steps.length - one.steps.length))
    put(value, steps, { attributes }, values);
  return values;
}

/** The steps of `lines[0].amount` are lines, 0 and amount. The step of `tags[]` is tags. */
function stepsOf(path: string): string[] {
  if (!/[.[]/.test(path)) return [path];
  const dotted = path.replace(/\[([^.[\]]*)\]/g, ".$1");
  return dotted.replace(/\.$/, "").split(".");
}

function put(value: unknown, [step = "", ...below]: string[], parent: Parent, values: object): void {
  const attribute = attributeAt(parent, step);
  if (!attribute) return;
  if (below.length === 0) Reflect.set(values, step, value);
  if (below.length === 0 || !(attribute.element || attribute.attributes)) return;
  if (!Object.hasOwn(values, step)) Reflect.set(values, step, attribute.element ? [] : {});
  const nested: unknown = Reflect.get(values, step);
  if (isObject(nested)) put(value, below, attribute, nested);
}

function attributeAt({ element, attributes = {} }: Parent, step: string): Attribute<unknown> | undefined {
  if (element) return /^(0|[1-9]\d{0,3})$/.test(step) ? element : undefined;
  return Object.hasOwn(attributes, step) ? attributes[step] : undefined;
}
