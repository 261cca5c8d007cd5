import { type Attribute, NotStorable } from "./attribute.ts";
import { Parsing } from "./parsing.ts";
import { type Rule, rulesOf } from "./rules.ts";
import { isNothing, unexpected } from "./scalar.ts";
import { SecretMisplaced } from "./secret.ts";

/** Several values of one type: `tags: list(string(notBlank))`. A field that is not sent is an empty list. */
export function list<Value>(element: Attribute<Value>, ...rules: Rule[]): Attribute<readonly Value[]> {
  if (element.isSecret) throw new SecretMisplaced("a list");
  const attribute: Attribute<readonly Value[]> = {
    rules: rulesOf(rules),
    element,
    parse: (input) => Parsing.whole(attribute, input),
    compose: (values) => Object.freeze(Object.values(values) as Value[]),
    toJson(values) {
      if (!Array.isArray(values)) throw new NotStorable(values, "not a list");
      return Array.from(values, (value) => element.toJson(value)); // unlike map, it does not skip holes
    },
    fromJson(json) {
      if (!Array.isArray(json)) throw unexpected(json, "a list");
      return Object.freeze(json.map((each) => element.fromJson(each)));
    },
  };
  return attribute;
}

/** A value that may be left out: `subtitle: optional(string())`. An empty field counts as left out. */
export function optional<Value>(attribute: Attribute<Value>): Attribute<Value | undefined> {
  return {
    ...attribute,
    optional: true,
    parse: (input) => (isNothing(input) ? undefined : attribute.parse(input)),
    toJson: (value) => (value === undefined ? null : attribute.toJson(value)),
    fromJson: (json) => (json === null || json === undefined ? undefined : attribute.fromJson(json)),
  };
}
