import { body, type ValidationChain } from "express-validator";
import { ValidationHalt } from "express-validator/lib/base.js";
import { type Detail, detailOf } from "../errors/error-messages.ts";
import { type Attribute, type Attributes, type Parts, Unacceptable } from "./attribute.ts";
import { rowNumbersOf } from "./row-numbers.ts";

interface Judgement {
  readonly path: string;
  readonly details: readonly Detail[];
}

/**
 * Judges parsed values by their rules. What has no value is not judged; a rule that looks at other fields
 * finds those that have one in `req.body`.
 */
export async function brokenRules(
  attributes: Attributes,
  parts: Record<string, unknown>,
): Promise<Record<string, readonly Detail[]>> {
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(parts))
    if (!(parts[name] instanceof Unacceptable)) values[name] = parts[name];
  const request = { body: values };
  const judgements: Promise<Judgement>[] = [];
  for (const name of Object.keys(attributes))
    judge(attributes[name] as Attribute<unknown>, parts[name], name, request, judgements);

  const broken: Record<string, readonly Detail[]> = {};
  for (const { path, details } of await Promise.all(judgements))
    if (details.length > 0) broken[path] = details;
  return broken;
}

/** A list or a value object is judged as a whole only where all of it has a value, its parts in any case. */
function judge(
  attribute: Attribute<unknown>,
  part: unknown,
  path: string,
  request: object,
  judgements: Promise<Judgement>[],
): void {
  if (part === undefined) return;
  const { rules, element, attributes } = attribute;
  const partial = part instanceof Unacceptable;
  if (!partial && rules.length > 0) judgements.push(applyRules(attribute, part, path, request));
  const below = (partial ? part.parts : part) as Parts | undefined;
  if (below === undefined) return;
  if (element && Array.isArray(below)) {
    const numbers = rowNumbersOf(below);
    below.forEach((each, index) => {
      judge(element, each, `${path}[${numbers?.[index] ?? index}]`, request, judgements);
    });
  }
  for (const [name, each] of Object.entries(attributes ?? {}))
    judge(each, (below as Record<string, unknown>)[name], `${path}.${name}`, request, judgements);
}

/**
 * Runs a chain of express-validator on a value that we hold already. `chain.run` would look for the value by its
 * path first, which costs more than all the rules, and for the elements of a list the square of their number.
 */
async function applyRules(
  attribute: Attribute<unknown>,
  value: unknown,
  path: string,
  request: object,
): Promise<Judgement> {
  const context = chainOf(attribute).builder.build();
  const meta = { req: request, location: "body" as const, path, pathValues: [] };
  try {
    if (value || context.optional !== "falsy")
      for (const rule of context.stack) await rule.run(context, value, meta);
  } catch (error) {
    if (!(error instanceof ValidationHalt)) throw error; // the chain said bail() or if()
  }
  return { path, details: context.errors.map(({ msg }) => detailOf(msg)) };
}

/** Building a chain costs ten times what running it costs: each is built once for its declaration. */
const chains = new WeakMap<Attribute<unknown>, ValidationChain>();

function chainOf(attribute: Attribute<unknown>): ValidationChain {
  const known = chains.get(attribute);
  if (known) return known;
  const chain = attribute.rules.reduce((chain, rule) => rule(chain), body());
  chains.set(attribute, chain);
  return chain;
}
