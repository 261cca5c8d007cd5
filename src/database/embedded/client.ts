import type { Socket } from "node:net";
import { Connection } from "./connection.ts";
import type { Session } from "./session.ts";
import { type SessionSettings, type Settings, SettingsRefused, settingsOfStartup } from "./settings.ts";
import { refusalOfSetting } from "./sql-inspection.ts";
import { Translator } from "./translator.ts";
import { connectionAccepted, messagesIn, ProtocolViolation, query, sync, typeOf } from "./wire.ts";

const REPORTED = [
  ...[
    "server_version",
    "server_encoding",
    "client_encoding",
    "application_name",
    "is_superuser",
    "in_hot_standby",
  ],
  ...["session_authorization", "DateStyle", "IntervalStyle", "TimeZone", "integer_datetimes", "search_path"],
  ...["standard_conforming_strings", "default_transaction_read_only", "scram_iterations"],
];

/** A connection and what it has in the session: its settings, its statements, its transaction. */
export class Client {
  readonly connection: Connection;
  readonly #pid: number;
  readonly #session: Session;
  readonly #sessionSettings: SessionSettings;
  readonly #translator: Translator;
  #settings: Settings = new Map();

  constructor(
    socket: Socket,
    pid: number,
    shared: { session: Session; settings: SessionSettings },
    on: { ready: (client: Client) => void; gone: (client: Client) => void },
  ) {
    this.#pid = pid;
    this.#session = shared.session;
    this.#sessionSettings = shared.settings;
    this.#translator = new Translator(shared.session, `c${pid}`);
    this.connection = new Connection(socket, { ready: () => on.ready(this), gone: () => on.gone(this) });
  }

  get statementNames(): Iterable<string> {
    return this.#translator.statementNames;
  }

  get hasTemporaryTables(): boolean {
    return this.#translator.hasTemporaryTables;
  }

  /** Whether another may have the session now. */
  get isBetweenTransactions(): boolean {
    return this.connection.status === "I";
  }

  /** Runs what was asked for next; false if that was the last. */
  takeTurn(): boolean {
    try {
      const startup = this.connection.takeStartup();
      if (!startup) return this.#run();
      this.#start(startup);
      return true;
    } catch (error) {
      if (error instanceof SettingsRefused) this.connection.fail(error.code, error.message);
      else if (error instanceof ProtocolViolation) this.connection.fail("08P01", error.message);
      else throw error;
      return false;
    }
  }

  /** Leaves nothing of what it had begun. */
  rollBack(): void {
    if (this.isBetweenTransactions) return;
    this.#session.run(sync);
    this.#session.run(query("ROLLBACK"));
    this.connection.status = "I";
  }

  /** To be called when it gives the session back. */
  rememberSettings(): void {
    const { mayHaveChangedSettings, customSettings } = this.#translator;
    if (mayHaveChangedSettings) this.#settings = this.#sessionSettings.read(customSettings);
    this.#translator.mayHaveChangedSettings = false;
    this.#translator.customSettings = [];
  }

  #start(startup: Map<string, string>): void {
    const database = startup.get("database") ?? startup.get("user");
    if (database !== "postgres") throw new SettingsRefused("3D000", `database "${database}" does not exist`);
    if (startup.get("user") !== "postgres")
      throw new SettingsRefused("28000", `role "${startup.get("user")}" is not permitted to log in`);
    const wanted = settingsOfStartup(startup);
    for (const [name, value] of wanted) {
      const refusal = refusalOfSetting(name, value);
      if (refusal) throw new SettingsRefused("0A000", refusal);
    }
    this.#sessionSettings.apply(wanted);
    this.#settings = this.#sessionSettings.read();
    const [values = []] = this.#session.query(
      `SELECT ${REPORTED.map((name) => `current_setting('${name}')`).join(", ")}`,
    );
    const report = REPORTED.map((name, i): [string, string] => [name, values[i] ?? ""]);
    this.connection.send(connectionAccepted(this.#pid, report));
    this.connection.status = "I";
  }

  #run(): boolean {
    if (this.isBetweenTransactions) this.#sessionSettings.apply(this.#settings);
    const messages = this.connection.takeMessages();
    const terminate = messages.findIndex((each) => typeOf(each) === "X");
    const asked = terminate < 0 ? messages : messages.slice(0, terminate);
    for (const { bytes, reply } of this.#translator.translate(asked)) {
      const { bytes: answer, status } = this.#session.run(bytes);
      if (reply === "none") continue;
      this.connection.send(reply === "all" ? answer : withoutReady(answer));
      this.connection.status = reply === "all" ? status : undefined;
    }
    if (terminate >= 0) this.connection.end();
    return terminate < 0;
  }
}

function withoutReady(answer: Buffer): Buffer {
  return Buffer.concat([...messagesIn(answer)].filter((part) => typeOf(part) !== "Z"));
}
