import type { Attributes } from "./attribute.ts";

type Kind = "a command" | "an event" | "a value object" | "an aggregate";

type ObjectName = keyof typeof Object.prototype;

/** The attributes. If one has a reserved name, its type is this text, so the compiler shows it. */
export type NoneReserved<A, Reserved extends PropertyKey, K extends Kind> = A & {
  readonly [Name in keyof A & (Reserved | ObjectName) & string as string extends keyof A
    ? never
    : Name]: `"${Name}" is reserved: ${K} has it by itself. Give the attribute another name`;
};

/** Also checks at run time: the compiler sees only attributes that are written in the declaration itself. */
export function refuseReservedNames(
  attributes: Attributes,
  kind: Kind,
  reserved: Readonly<Record<string, true>>,
): void {
  for (const name of Object.keys(attributes)) {
    if (Object.hasOwn(reserved, name)) throw new NameReserved(name, kind, Object.keys(reserved));
    if (name in Object.prototype) throw new NameReserved(name, "every object of JavaScript", []);
  }
}

export class NameReserved extends TypeError {
  readonly attribute: string;

  constructor(attribute: string, kind: string, reserved: readonly string[]) {
    const all = reserved.length > 1 ? ` Reserved in ${kind} are ${reserved.join(", ")}.` : "";
    super(
      `An attribute cannot be named "${attribute}": ${kind} has it by itself. Give the attribute another name.${all}`,
    );
    this.attribute = attribute;
  }
}
