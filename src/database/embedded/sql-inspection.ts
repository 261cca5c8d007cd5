const SUSPICIOUS = /copy|listen|discard|deallocate|authorization|idle_|transaction_timeout|advisory_/i;
const FATAL_TIMEOUTS = "(?:idle_in_transaction_session_timeout|idle_session_timeout|transaction_timeout)";

const REFUSALS: [RegExp, string][] = [
  [/(?:^|;)\s*copy\b[^;]*\bfrom\s+stdin\b/i, "COPY FROM STDIN; use INSERT"],
  [/(?:^|;)\s*listen\b/i, "LISTEN; poll instead"],
  [/(?:^|;)\s*discard\s+all\b/i, "DISCARD ALL; close the connection instead"],
  [/(?:^|;)\s*deallocate\s+(?:prepare\s+)?all\b/i, "DEALLOCATE ALL; close the connection instead"],
  [/(?:^|;)\s*set\s+(?:session\s+|local\s+)?session\s+authorization\b/i, "SET SESSION AUTHORIZATION"],
  [/\bpg_(?:try_)?advisory_lock(?:_shared)?\s*\(/i, "session advisory locks; use pg_advisory_xact_lock"],
  // Zero switches the timeout off, which is how it stands anyway; pg_dump says so.
  [
    new RegExp(
      `(?:^|;)\\s*(?:set|alter)\\b[^;]*\\b${FATAL_TIMEOUTS}\\b(?!\\s*(?:=|to)\\s*'?0'?\\s*(?:;|$))`,
      "i",
    ),
    "timeouts that end the session",
  ],
  [new RegExp(`\\bset_config\\s*\\(\\s*'${FATAL_TIMEOUTS}'`, "i"), "timeouts that end the session"],
];

/** What in this SQL would end or corrupt the one session that all connections share, if anything. */
export function refusalOf(sql: string): string | undefined {
  if (!SUSPICIOUS.test(sql)) return undefined;
  const code = withoutProse(sql);
  const refused = REFUSALS.find(([pattern]) => pattern.test(code));
  return refused && `The embedded Postgres does not support ${refused[1]} (or use a Postgres of your own).`;
}

const isFatalTimeout = new RegExp(`^${FATAL_TIMEOUTS}$`, "i");

export function refusalOfSetting(name: string, value: string): string | undefined {
  return isFatalTimeout.test(name) && value !== "0"
    ? `The embedded Postgres does not support ${name}; leave it out or set it to 0.`
    : undefined;
}

const PROSE = /'(?:[^'\\]|''|\\[\s\S])*'|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\//g;

/** Blanks comments and long literals, so that a post about COPY FROM STDIN can still be stored. */
function withoutProse(sql: string): string {
  return sql.replace(PROSE, (found) => (/^'\w{0,40}'$/.test(found) ? found : " "));
}

const SETTING =
  /(?:^|;|\*\/|--[^\n]*\n)\s*(?:set\s+(?!local\b|transaction\b|constraints\b)|reset\b)|\bset_config\s*\(/i;

/** Whether the session's settings may differ after this SQL. A wrong yes costs a millisecond. */
export function mayChangeSettings(sql: string): boolean {
  return SETTING.test(sql);
}

/** The names with a dot, which belong to nobody and spring into being when set. */
export function customSettingsIn(sql: string): string[] {
  const found = sql.matchAll(/(?:\bset\s+(?:session\s+)?|\bset_config\s*\(\s*')([a-z_]\w*\.[a-z_]\w*)/gi);
  return [...found].map(([, name = ""]) => name.toLowerCase());
}

/** Whether this SQL makes a temporary table, which only the end of the session would drop. */
export function makesTemporaryTable(sql: string): boolean {
  return /\b(?:create|into)\s+(?:local\s+|global\s+)?temp(?:orary)?\b/i.test(sql);
}
