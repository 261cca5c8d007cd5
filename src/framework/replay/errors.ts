/** There can be one replay at a time. */
export class AnotherReplay extends Error {
  constructor() {
    super(
      "A replay is under way in another process. See how far it is with: npm run replay -- --status " +
        "(or end it with: npm run replay -- --abort)",
    );
  }
}

/** Somebody else has taken the replay over, or aborted it; what this process would have written is not. */
export class ReplayLost extends Error {
  constructor() {
    super("This replay was aborted, or is gone on with by another process.");
  }
}

/** What was asked for cannot be done as things are: the message says why, and what can. */
export class ReplayNotPossible extends Error {}
