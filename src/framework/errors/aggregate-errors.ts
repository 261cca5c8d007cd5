/** The aggregate has changed since the user saw it. Answer with 409 and show both. */
export class VersionConflict extends Error {
  readonly aggregateId: string;
  readonly seenVersion: number;
  readonly actualVersion: number;

  constructor(aggregateId: string, seenVersion: number, actualVersion: number) {
    super(`${aggregateId} is not at version ${seenVersion} any more, but at ${actualVersion}.`);
    this.aggregateId = aggregateId;
    this.seenVersion = seenVersion;
    this.actualVersion = actualVersion;
  }
}

/** The aggregate with this id has another class. Answer with 404. */
export class WrongAggregateType extends Error {
  readonly aggregateId: string;
  readonly actualType: string;
  readonly expectedType: string;

  constructor(aggregateId: string, actualType: string, expectedType: string) {
    super(`${aggregateId} is a ${actualType}, not a ${expectedType}.`);
    this.aggregateId = aggregateId;
    this.actualType = actualType;
    this.expectedType = expectedType;
  }
}
