import type { Detail, Details } from "../errors/error-messages.ts";
import { type Attribute, type Attributes, Unacceptable } from "./attribute.ts";
import type { Judge } from "./rules.ts";
import { isNothing } from "./scalar.ts";

/** The values of a form or of JSON, and why some were refused. For a refused value, only the rules of its parts are checked. */
export class Parsing {
  readonly values: Readonly<Record<string, unknown>>;
  readonly #refused = new Map<string, readonly Detail[]>();
  readonly #toJudge: { readonly path: string; readonly value: unknown; readonly judge: Judge }[] = [];

  /** Takes the declared fields and drops all others. It parses all of them, so all errors come at once. */
  constructor(attributes: Attributes, input: unknown) {
    this.values = this.#fields(attributes, input, "");
  }

  /** The value of a list or a value object. Throws `Unacceptable`. */
  static whole<Value>(attribute: Attribute<Value>, input: unknown): Value {
    const parsing = new Parsing({}, undefined);
    const value = parsing.#value(attribute, input, "");
    if (value === undefined) throw new Unacceptable(Object.fromEntries(parsing.#refused));
    return value;
  }

  /** Why values were refused, and which rules the others break, by path. */
  async errors(): Promise<Details> {
    const judging = this.#toJudge.map(async ({ path, value, judge }) => {
      return [path, await judge(value, path, this.values)] as const;
    });
    const broken = (await Promise.all(judging)).filter(([, details]) => details.length > 0);
    return Object.fromEntries([...broken, ...this.#refused]);
  }

  #value<Value>(attribute: Attribute<Value>, input: unknown, path: string): Value | undefined {
    const { optional, rules: judge } = attribute;
    if (optional && isNothing(input)) return undefined;
    const place = this.#toJudge.length; // before its parts
    const value = attribute.compose
      ? this.#composed(attribute, input, path)
      : this.#alone(attribute, input, path);
    if (judge && value !== undefined) this.#toJudge.splice(place, 0, { path, value, judge });
    return value;
  }

  #alone<Value>(attribute: Attribute<Value>, input: unknown, path: string): Value | undefined {
    try {
      return attribute.parse(input);
    } catch (error) {
      if (!(error instanceof Unacceptable)) throw error;
      for (const [below, details] of Object.entries(error.details))
        this.#refused.set(pathOf(path, below), details);
      return undefined;
    }
  }

  #composed<Value>(attribute: Attribute<Value>, input: unknown, path: string): Value | undefined {
    const { element, attributes = {} } = attribute;
    const refusedBefore = this.#refused.size;
    const parts = element ? this.#rows(element, input, path) : this.#fields(attributes, input, path);
    return this.#refused.size === refusedBefore ? attribute.compose?.(parts) : undefined;
  }

  #fields(attributes: Attributes, input: unknown, above: string): Record<string, unknown> {
    const fields = isObject(input) ? input : {};
    const entries = Object.entries(attributes).map(([name, attribute]) => {
      const given = Object.hasOwn(fields, name) ? fields[name] : undefined;
      return [name, this.#value(attribute, given, pathOf(above, name))];
    });
    return Object.fromEntries(entries);
  }

  /** A row that a form left out is a hole in the array. The other rows keep their numbers, for the paths of their errors. */
  #rows(element: Attribute<unknown>, input: unknown, above: string): Record<string, unknown> {
    const inputs: readonly unknown[] = Array.isArray(input) ? input : isNothing(input) ? [] : [input];
    const rows: Record<string, unknown> = {};
    inputs.forEach((each, row) => {
      rows[row] = this.#value(element, each, `${above}[${row}]`);
    });
    return rows;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** As in `title`, `address.street` and `lines[0].amount`. */
function pathOf(path: string, step: string): string {
  return path === "" || step === "" || step.startsWith("[") ? path + step : `${path}.${step}`;
}
