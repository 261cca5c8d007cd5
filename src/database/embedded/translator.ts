import type { Session } from "./session.ts";
import { customSettingsIn, makesTemporaryTable, mayChangeSettings, refusalOf } from "./sql-inspection.ts";
import { message, query, readText, sync, typeOf } from "./wire.ts";

const STATEMENT = 0x53;

/** Messages for the session, and how much of its reply is meant for the client. */
export interface Step {
  bytes: Buffer;
  reply: "all" | "without ready" | "none";
}

/**
 * Makes one connection's messages fit the session it shares: its statement names become names of its own, its unnamed
 * statement is put back when another connection has replaced it, and SQL that the session would not survive fails.
 */
export class Translator {
  readonly #session: Session;
  readonly #prefix: string;
  readonly #names = new Map<string, string>();
  #named = 0;
  #unnamed: Buffer | undefined;
  #skipping = false;
  #steps: Step[] = [];
  #parts: Buffer[] = [];
  mayHaveChangedSettings = false;
  customSettings: string[] = [];
  hasTemporaryTables = false;

  constructor(session: Session, prefix: string) {
    this.#session = session;
    this.#prefix = prefix;
  }

  /** The names in the session of the statements this connection prepared. */
  get statementNames(): Iterable<string> {
    return this.#names.values();
  }

  translate(messages: Buffer[]): Step[] {
    this.#steps = [];
    for (const each of messages) {
      const type = typeOf(each);
      if (this.#skipping && type !== "S" && type !== "X") continue;
      if (type === "S") this.#skipping = false;
      this.#translateOne(type, each);
    }
    this.#endStep("all");
    return this.#steps;
  }

  #translateOne(type: string, each: Buffer): void {
    if (type === "Q") this.#query(each);
    else if (type === "P") this.#parse(each);
    else if (type === "B") {
      const portal = readText(each, 5);
      this.#use(each, readText(each, portal.end), portal.text);
    } else if ((type === "D" || type === "C") && each[5] === STATEMENT) {
      this.#use(each, readText(each, 6), each.subarray(5, 6));
    } else if ("DCEHSF".includes(type)) this.#parts.push(each);
    // Anything else is copy data, left over from a COPY that was refused.
  }

  #query(each: Buffer): void {
    const sql = this.#look(readText(each, 5).text);
    this.#unnamed = undefined;
    this.#session.unnamedStatementOwner = undefined;
    this.#parts.push(sql.refusal ? raise(sql.refusal) : each);
  }

  #parse(each: Buffer): void {
    const name = readText(each, 5);
    const sql = this.#look(readText(each, name.end).text);
    if (sql.refusal) {
      // The client's Sync is still to come and gets its own ReadyForQuery.
      this.#endStep("all");
      this.#parts.push(raise(sql.refusal));
      this.#endStep("without ready");
      this.#skipping = true;
      return;
    }
    if (name.text === "") {
      this.#unnamed = each;
      this.#session.unnamedStatementOwner = this;
      this.#parts.push(each);
      return;
    }
    // The session cuts names after 63 bytes, so ours are short and do not contain the client's.
    const own = this.#names.get(name.text) ?? `${this.#prefix}_${++this.#named}`;
    this.#names.set(name.text, own);
    this.#parts.push(message("P", own, each.subarray(name.end)));
  }

  #use(each: Buffer, statement: { text: string; end: number }, before: string | Buffer): void {
    if (statement.text === "") {
      if (typeOf(each) !== "C") this.#restoreUnnamed();
      this.#parts.push(each);
      return;
    }
    const own = this.#names.get(statement.text) ?? statement.text;
    this.#parts.push(message(typeOf(each), before, own, each.subarray(statement.end)));
    if (typeOf(each) === "C") this.#names.delete(statement.text);
  }

  #restoreUnnamed(): void {
    if (!this.#unnamed || this.#session.unnamedStatementOwner === this) return;
    this.#endStep("all");
    this.#parts.push(this.#unnamed, sync);
    this.#endStep("none");
    this.#session.unnamedStatementOwner = this;
  }

  #look(sql: string): { refusal: string | undefined } {
    if (mayChangeSettings(sql)) {
      this.mayHaveChangedSettings = true;
      this.customSettings.push(...customSettingsIn(sql));
    }
    this.hasTemporaryTables ||= makesTemporaryTable(sql);
    return { refusal: refusalOf(sql) };
  }

  #endStep(reply: Step["reply"]): void {
    if (this.#parts.length > 0) this.#steps.push({ bytes: Buffer.concat(this.#parts), reply });
    this.#parts = [];
  }
}

/** Lets Postgres itself report the refusal, so that an open transaction fails as it would for any other error. */
function raise(text: string): Buffer {
  return query(
    `DO $refused$ BEGIN RAISE EXCEPTION USING ERRCODE = '0A000', MESSAGE = $text$${text}$text$; END $refused$`,
  );
}
