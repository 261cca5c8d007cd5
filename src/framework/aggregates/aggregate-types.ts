import type { AggregateClass } from "./aggregate-root.ts";

type NamedClass = AggregateClass & { readonly name?: string };

/** The class of each type. Two classes with one type would load each other's events. */
export class AggregateTypes {
  readonly #classes = new Map<string, NamedClass>();

  constructor(aggregateClasses: readonly AggregateClass[] = []) {
    for (const aggregateClass of aggregateClasses) this.check(aggregateClass);
  }

  /** A class that is not listed is added when it is first used. */
  check(aggregateClass: NamedClass): void {
    const { name, type } = aggregateClass;
    const known = this.#classes.get(type);
    if (known === aggregateClass) return;
    if (typeof type !== "string")
      throw new TypeError(
        `${name} has no saved name. Write: class ${name} extends AggregateRoot("${name}", { … })`,
      );
    if (known)
      throw new TypeError(
        `Two aggregate classes are saved as "${type}": ${plain(known.name)} and ${plain(name)}. Give one of them another name.`,
      );
    this.#classes.set(type, aggregateClass);
  }
}

/** A bundler may rename a class that uses its own name to `_Post`. */
function plain(name: string | undefined): string {
  return name?.replace(/^_/, "") ?? "a class without a name";
}
