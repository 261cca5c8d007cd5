import type { Attributes, JsonObject, ValuesOf } from "./attribute.ts";
import { assignValues, type MessageClass, type NoneNamed, refuseReservedNames } from "./message.ts";
import { attributesFromJson, attributesToJson } from "./serialization.ts";

/** What an aggregate knows after so many events: what its handlers assigned, as one message to the same handlers. */
export abstract class BaseSnapshot {
  /** Every attribute is there, also one that is empty: a snapshot of a class that had others is recognised by it. */
  toJson(): JsonObject {
    const { attributes } = this.constructor as unknown as SnapshotClass;
    const empty = Object.keys(attributes).map((name) => [name, null]);
    return {
      ...Object.fromEntries(empty),
      ...attributesToJson(attributes, this as unknown as Record<string, unknown>),
    };
  }
}

/** Where the history of an aggregate begins, if not with its first event. */
export interface Beginning {
  readonly snapshot: BaseSnapshot;
  /** How many events came before. */
  readonly version: number;
}

export interface SnapshotClass<S extends BaseSnapshot = BaseSnapshot> extends MessageClass<S> {
  readonly version: number;
  readonly every: number;
  readonly attributes: Attributes;
}

interface SnapshotOptions {
  /** Raise it when the same attributes come to mean something else: earlier snapshots are then ignored. */
  readonly version: number;
  /** After how many events since the last one the next is taken: no more than these are read with it. */
  readonly every: number;
}

export interface DeclaredSnapshotClass<A extends Attributes> extends SnapshotOptions {
  new (values: ValuesOf<A>): BaseSnapshot & ValuesOf<A>;
  readonly type: string;
  readonly attributes: A;
}

/**
 * Declares what is kept of an aggregate, so that a long history need not be read from its beginning:
 *
 *     export class AuthorSnapshot extends Snapshot({ version: 1, every: 100 }, { email: string() }) {}
 *
 *     export class Author extends AggregateRoot {
 *       static override readonly snapshot = AuthorSnapshot;
 *       override takeSnapshot() {
 *         return new AuthorSnapshot({ email: this.#email });
 *       }
 *       readonly handlers = [on([AuthorEmailSet, AuthorSnapshot], ({ email }) => { this.#email = email; })];
 *     }
 */
export function Snapshot<const A extends Attributes>(
  { version, every }: SnapshotOptions,
  attributes: A & NoneNamed<"toJson">,
): DeclaredSnapshotClass<A> {
  refuseReservedNames(attributes);
  class DeclaredSnapshot extends BaseSnapshot {
    static readonly type = "Snapshot";
    static readonly version = version;
    static readonly every = every;
    static readonly attributes = attributes;

    constructor(values: object) {
      super();
      assignValues(this, attributes, values);
    }
  }
  return DeclaredSnapshot as unknown as DeclaredSnapshotClass<A>;
}

/** Undefined where the state does not fit the class any more: a snapshot that cannot be read is as none. */
export function snapshotFromJson(snapshotClass: SnapshotClass, state: JsonObject): BaseSnapshot | undefined {
  const { attributes } = snapshotClass;
  const names = Object.keys(attributes);
  if (names.length !== Object.keys(state).length || !names.every((name) => name in state)) return undefined;
  try {
    const construct = snapshotClass as unknown as new (values: object) => BaseSnapshot;
    return new construct(attributesFromJson(attributes, state));
  } catch {
    return undefined;
  }
}
