type Line = (fields: object, message: string) => void;

/** Where the subscriptions say what happens. A logger of pino is one. */
export interface SubscriptionLog {
  readonly debug: Line;
  readonly info: Line;
  readonly warn: Line;
  readonly error: Line;
}

const nowhere: Line = () => {};

export const silentLog: SubscriptionLog = { debug: nowhere, info: nowhere, warn: nowhere, error: nowhere };
