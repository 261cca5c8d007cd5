import { codeOf, messageOf, textsIn } from "../errors/describe-error.ts";
import type { BaseEvent } from "../messages/event.ts";
import { ValueDoesNotFit } from "./values.ts";

/** A projector threw, or the database refused its rows. The command fails, and nothing is stored. */
export class ProjectorFailed extends Error {
  readonly projector: string;
  readonly #event: BaseEvent;

  constructor(projector: string, event: BaseEvent, options: ErrorOptions) {
    const code = codeOf(options.cause);
    // A value of the event may equal the name of a table or column. These names are no secrets, so keep them.
    const hidden = options.cause instanceof ValueDoesNotFit ? [] : textsOf(event);
    const why = messageOf(options.cause, hidden);
    super(
      `${projector} failed on ${event.class.type} (${event.aggregateId}, number ${event.sequenceNumber}): ` +
        (code === undefined ? why : `${why} (${code})`),
      options,
    );
    this.projector = projector;
    this.#event = event;
  }

  /** A getter, not a field: a log that writes the fields of an error must not contain the values of the event. */
  get event(): BaseEvent {
    return this.#event;
  }

  get hidden(): readonly string[] {
    return textsOf(this.#event);
  }
}

function textsOf({ aggregateId: _, ...attributes }: BaseEvent): readonly string[] {
  return textsIn(attributes);
}
