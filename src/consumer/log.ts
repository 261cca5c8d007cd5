type Line = (fields: object, message: string) => void;

/** Where a consumer says what happens. A logger of pino is one. */
export interface ConsumerLog {
  readonly info: Line;
  readonly warn: Line;
  readonly error: Line;
}

export const silentLog: ConsumerLog = { info() {}, warn() {}, error() {} };
