/** Why a value is refused, for a program: `{ code: "too_long", most: 120 }`. */
export interface Detail {
  readonly code: string;
  /** The message of a rule without a code, or with a code that is in no table. */
  readonly message?: string;
  readonly [name: string]: string | number | undefined;
}

/** Details by the path of the field they belong to: `{ title: [{ code: "blank" }], "lines[0].amount": [...] }`. */
export type Details = Readonly<Record<string, readonly Detail[]>>;

/** Messages by the same paths. */
export type Errors = Record<string, string[]>;

/** The messages of a language, by code. A missing message stays English. */
export type Messages = Readonly<Partial<Record<string, string | ((detail: Detail) => string)>>>;

/** The codes of the framework itself. A table of them all is a `Record<MessageCode, …>`. */
export type MessageCode = keyof typeof english;

const english = {
  not_valid: "is not valid",
  blank: "can't be blank",
  sent_twice: "was sent more than once",
  unstorable: "contains characters that cannot be stored",
  invisible: "contains invisible characters",
  too_long: ({ most }) => `is too long (at most ${most} characters)`,
  too_short: ({ least }) => `is too short (at least ${least} characters)`,
  too_many_bytes: ({ most }) => `is too long (at most ${Number(most) / 1024} KB)`,
  too_small: ({ least }) => `must be at least ${least}`,
  too_large: ({ most }) => `must be at most ${most}`,
  not_a_text: "is not a text",
  not_a_whole_number: "is not a whole number",
  not_a_number: "is not a number",
  not_a_boolean: "is not yes or no",
  not_a_date: "is not a day of the calendar (YYYY-MM-DD)",
  not_a_time: "is not a time (ISO 8601, with a time zone)",
  not_an_id: "is not an id",
  not_one_of: ({ words }) => `is not one of ${words}`,
  not_an_email: "is not an e-mail address",
  quoted_email: "must be written without quotation marks",
  sealed: "is sealed already",
} as const satisfies Messages;

/**
 * The messages for details, in a language, in the same order:
 *
 *     messagesIn(error.details, { blank: "muss ausgefüllt werden", too_long: ({ most }) => `hat mehr als ${most} Zeichen` });
 */
export function messagesIn(details: Details, messages: Messages = english): Errors {
  return Object.fromEntries(
    Object.entries(details).map(([path, each]) => [path, each.map((detail) => wordsOf(detail, messages))]),
  );
}

export function wordsOf(detail: Detail, messages: Messages = english): string {
  const { code, message } = detail;
  const known: Messages = english;
  const own = code === "not_valid" && message !== undefined ? undefined : messages[code];
  const words = own ?? message ?? known[code] ?? english.not_valid;
  return typeof words === "function" ? words(detail) : words;
}

/** The message of a rule as a detail. A rule may give a text or a detail. */
export function detailOf(said: unknown): Detail {
  return isDetail(said) ? said : { code: "not_valid", message: String(said) };
}

function isDetail(said: unknown): said is Detail {
  return typeof said === "object" && said !== null && "code" in said && typeof said.code === "string";
}
