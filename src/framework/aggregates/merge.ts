import { isDeepStrictEqual as isEqual } from "node:util";
import { VersionConflict } from "../errors/aggregate-errors.ts";
import type { BaseCommand } from "../messages/base-command.ts";

type Values = Readonly<Record<string, unknown>>;

interface Remembering<State> {
  readonly version: number;
  readonly state: State;
}

/** The attributes of a command that the state has too, under the same names. */
type Shared<C, State> = Pick<C, Exclude<keyof C & keyof State, keyof BaseCommand>>;

interface Edit<C, State> {
  /** The aggregate as the user saw it. */
  readonly seen: Remembering<State>;
  readonly now: Remembering<State>;
  readonly asked: C;
}

/**
 * The values after an edit: the new value of each field that the user changed, and the present value of all others.
 * Throws `EditConflict` if the user and somebody else changed the same field to different values.
 *
 *     const { title, content } = merge({ seen, now: this, asked });
 */
export function merge<C extends BaseCommand, State extends object>({
  seen,
  now,
  asked,
}: Edit<C, State>): Shared<C, State> {
  const [before, theirs, wanted] = [valuesOf(seen.state), valuesOf(now.state), valuesOf(asked)];
  const mine: Record<string, unknown> = {};
  for (const name of Object.keys(asked.class.attributes).filter((name) => Object.hasOwn(theirs, name)))
    mine[name] = isEqual(wanted[name], before[name]) ? theirs[name] : wanted[name];
  const fields = Object.keys(mine).filter(
    (name) => !isEqual(mine[name], theirs[name]) && !isEqual(theirs[name], before[name]),
  );
  if (fields.length === 0) return mine as Shared<C, State>;
  throw new EditConflict(asked.aggregateId, seen.version, now.version, { fields, theirs, mine });
}

/** Since the user saw it, somebody else has changed the same field to another value. Answer with 409 and show both. */
export class EditConflict extends VersionConflict {
  /** The fields that both changed. */
  readonly fields: readonly string[];
  /** The present values. */
  readonly theirs: Values;
  /** The values that the user changed, and the present values of all other fields: ready to be sent again. */
  readonly mine: Values;

  constructor(
    aggregateId: string,
    seenVersion: number,
    actualVersion: number,
    { fields, theirs, mine }: Pick<EditConflict, "fields" | "theirs" | "mine">,
  ) {
    super(aggregateId, seenVersion, actualVersion);
    this.fields = fields;
    this.theirs = theirs;
    this.mine = mine;
  }
}

function valuesOf(source: object): Values {
  return { ...source };
}
