/** The parts of the program do not fit together. Each problem says what to change. */
export class NotWired extends TypeError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(["The program does not fit together:", ...problems].join("\n  "));
    this.problems = problems;
  }
}
