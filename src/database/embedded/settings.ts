import type { Session } from "./session.ts";
import { errorField, query } from "./wire.ts";

export type Settings = ReadonlyMap<string, string>;

export class SettingsRefused extends Error {
  readonly code: string;
  constructor(code: string, text: string) {
    super(text);
    this.code = code;
  }
}

const quoted = (text: string): string => `E'${text.replaceAll("'", "''").replaceAll("\\", "\\\\")}'`;

/** Gives each connection its own SET values in the one session, by changing only what differs at a switch. */
export class SessionSettings {
  readonly #session: Session;
  readonly #customNames = new Set<string>();
  #current: Settings = new Map();

  constructor(session: Session) {
    this.#session = session;
  }

  apply(wanted: Settings): void {
    if (wanted === this.#current) return;
    const changes: string[] = [];
    for (const name of this.#current.keys()) if (!wanted.has(name)) changes.push(`RESET "${name}"`);
    for (const [name, value] of wanted) {
      if (this.#current.get(name) !== value)
        changes.push(`SELECT set_config(${quoted(name)}, ${quoted(value)}, false)`);
    }
    if (changes.length > 0) {
      // A role may not be allowed what follows; it is put back last because read() lists it last.
      if (this.#current.has("role")) changes.unshift("RESET ROLE");
      const { error } = this.#session.run(query(changes.join(";")));
      if (error) throw new SettingsRefused(errorField(error, "C"), errorField(error, "M"));
    }
    this.#current = wanted;
  }

  /** What the session has now, after a connection may have changed it; Postgres does not list custom names itself. */
  read(customNames: Iterable<string> = []): Settings {
    for (const name of customNames) this.#customNames.add(name);
    const custom = [...this.#customNames].map(
      (name) => `(${quoted(name)}, current_setting(${quoted(name)}, true))`,
    );
    const rows = this.#session.query(
      `SELECT lower(name), setting FROM pg_settings WHERE source = 'session'
       ${custom.length > 0 ? `UNION ALL SELECT * FROM (VALUES ${custom}) AS c (n, v) WHERE v <> ''` : ""}
       UNION ALL SELECT 'role', current_setting('role') WHERE current_setting('role') <> 'none'`,
    );
    this.#current = new Map(rows.map(([name = "", value = ""]) => [name, value]));
    return this.#current;
  }
}

/** The settings in a startup packet: its own parameters and the -c name=value of its options. */
export function settingsOfStartup(parameters: ReadonlyMap<string, string>): Settings {
  const settings = new Map<string, string>();
  const words = (parameters.get("options") ?? "").match(/(?:\\.|[^\s\\])+/g) ?? [];
  const given = words.map((word) => word.replace(/\\(.)/g, "$1"));
  for (let i = 0; i < given.length; i++) {
    const word = given[i] ?? "";
    const pair = word === "-c" ? (given[++i] ?? "") : word.replace(/^(-c|--)/, "");
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (!name || value === undefined || (word !== "-c" && pair === word))
      throw new SettingsRefused("42601", `invalid command-line argument for server process: ${word}`);
    settings.set(name.replaceAll("-", "_").toLowerCase(), value);
  }
  for (const [name, value] of parameters) {
    if (!["user", "database", "options", "replication"].includes(name) && !name.startsWith("_pq_."))
      settings.set(name.toLowerCase(), value);
  }
  return settings;
}
