import { isDeepStrictEqual } from "node:util";
import { type Attribute, type Attributes, NotStorable, type ValuesOf } from "../attributes/attribute.ts";
import { Parsing } from "../attributes/parsing.ts";
import { type NoneReserved, refuseReservedNames } from "../attributes/reserved-names.ts";
import { SecretMisplaced, secretNames } from "../attributes/secret.ts";
import { attributesFromJson, attributesToJson, expectObject } from "../attributes/serialization.ts";
import { assignValues, type ClassOf, instanceOf } from "./message.ts";

class BaseValueObject {
  /** Two value objects are equal if their values are. */
  equals(other: unknown): boolean {
    return isDeepStrictEqual(this, other);
  }
}

interface ValueObjectClass<A extends Attributes> {
  new (values: ValuesOf<A>): BaseValueObject & ValuesOf<A>;
  readonly attributes: A;
}

/**
 * Values that belong together and have no identity:
 *
 *     class Address extends ValueObject({ street: string(notBlank), city: string(notBlank) }) {}
 */
export function ValueObject<const A extends Attributes>(
  attributes: NoneReserved<A, keyof BaseValueObject, "a value object">,
): ValueObjectClass<A> {
  refuseReservedNames(attributes, "a value object", { equals: true });
  if (secretNames(attributes).length > 0) throw new SecretMisplaced("a value object");
  class DeclaredValueObject extends BaseValueObject {
    static readonly attributes = attributes;

    constructor(values: object) {
      super();
      assignValues(this, attributes, values);
    }
  }
  return DeclaredValueObject as unknown as ValueObjectClass<A>;
}

/** An attribute that is a value object: `address: object(Address)`; a form names its fields `address.street`. */
export function object<Value extends object>(
  valueObjectClass: ClassOf<Value> & { readonly attributes: Attributes },
): Attribute<Value> {
  const { attributes } = valueObjectClass;
  const compose = (values: object) => instanceOf(valueObjectClass, values);
  const attribute: Attribute<Value> = {
    attributes,
    parse: (input) => Parsing.whole(attribute, input),
    compose,
    toJson(value) {
      if (!(value instanceof valueObjectClass))
        throw new NotStorable(value, `not a ${valueObjectClass.name}`);
      return attributesToJson(attributes, value);
    },
    fromJson: (json) => compose(attributesFromJson(attributes, expectObject(json))),
  };
  return attribute;
}
