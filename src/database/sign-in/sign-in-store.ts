import type { Knex } from "knex";
import { PostgresConnections } from "#sequent/operations";
import type { AccountsTable } from "./accounts-table.ts";
import { keptFormSql } from "./kept-form-sql.ts";
import { linkSql } from "./link-sql.ts";
import { sessionSql } from "./session-sql.ts";

const cleaningInterval = 10 * 60_000;

/**
 * Keeps sessions, links and forms for all processes, in the tables of `migrations/003_sign_in.ts`. It reads on the server where it
 * writes, so whoever signs out is signed out at once.
 */
export class PostgresSignInStore {
  readonly #database: PostgresConnections;
  readonly #sessions: ReturnType<typeof sessionSql>;
  readonly #links: ReturnType<typeof linkSql>;
  readonly #emailKey: string;
  #cleanedAt = performance.now();

  constructor(write: Knex, accounts: AccountsTable) {
    this.#database = new PostgresConnections(write);
    this.#sessions = sessionSql(accounts);
    this.#links = linkSql(accounts);
    this.#emailKey = accounts.emailKey;
  }

  async findSession(tokenHash: Buffer): Promise<SessionRow | undefined> {
    const session = await this.#database.first<SessionRow>(this.#sessions.find, [tokenHash]);
    // Nobody waits for the note. If it fails, the next request makes it.
    if (session?.is_due) this.#database.all(this.#sessions.noteUse, [tokenHash]).catch(() => {});
    return session;
  }

  async beginSession(session: NewSession): Promise<boolean> {
    const { tokenHash, accountId, isProven, browser, commandId, replaced } = session;
    const values = [tokenHash, accountId, isProven, browser, commandId ?? null, replaced ?? null];
    return (await this.#database.all(this.#sessions.begin, values)).length > 0;
  }

  sessionsOf(accountId: string): Promise<ListedRow[]> {
    return this.#database.all<ListedRow>(this.#sessions.list, [accountId]);
  }

  async endSession(tokenHash: Buffer): Promise<void> {
    await this.#database.all(this.#sessions.end, [tokenHash]);
  }

  async endSessions(accountId: string, which: { only?: string; except?: string } = {}): Promise<void> {
    await this.#database.all(this.#sessions.endAll, [accountId, which.only ?? null, which.except ?? null]);
  }

  async addLinkByAddress({ tokenHash, email, returnTo }: LinkByAddress): Promise<string | undefined> {
    const values = [tokenHash, returnTo ?? null, this.#emailKey, email.toLowerCase()];
    const link = await this.#database.first<{ email: string | null }>(this.#links.addByAddress, values);
    this.#cleanNowAndThen();
    return link?.email ?? undefined;
  }

  async addLink({ tokenHash, accountId, newEmail }: NewLink): Promise<string | undefined> {
    const values = [tokenHash, accountId, newEmail ?? null];
    return (await this.#database.first<{ email: string }>(this.#links.add, values))?.email;
  }

  findLink(tokenHash: Buffer): Promise<LinkRow | undefined> {
    return this.#database.first<LinkRow>(this.#links.find, [tokenHash]);
  }

  takeLink({ tokenHash, sessionHash, browser, replaced }: Taking): Promise<ArrivalRow | undefined> {
    const values = [tokenHash, sessionHash, browser, replaced ?? null];
    return this.#database.first<ArrivalRow>(this.#links.take, values);
  }

  async findNewAddress(tokenHash: Buffer, accountId: string): Promise<string | undefined> {
    const values = [tokenHash, accountId];
    return (await this.#database.first<{ email: string }>(this.#links.findNewAddress, values))?.email;
  }

  async endLinks(accountId: string): Promise<void> {
    await this.#database.all(this.#links.endAll, [accountId]);
  }

  async keepForm(id: Buffer, sealed: Buffer): Promise<boolean> {
    const kept = await this.#database.all(keptFormSql.keep, [id, sealed]);
    this.#cleanNowAndThen();
    return kept.length > 0;
  }

  async findForm(id: Buffer): Promise<Buffer | undefined> {
    return (await this.#database.first<{ sealed: Buffer }>(keptFormSql.find, [id]))?.sealed;
  }

  async forgetForm(id: Buffer): Promise<void> {
    await this.#database.all(keptFormSql.forget, [id]);
  }

  #cleanNowAndThen(): void {
    if (performance.now() - this.#cleanedAt < cleaningInterval) return;
    this.#cleanedAt = performance.now();
    this.clean().catch(() => {}); // the next call will do it
  }

  /** Deletes what has ended, and the sessions of accounts that are gone. */
  async clean(): Promise<void> {
    for (const sql of [this.#sessions.clean, this.#links.clean, keptFormSql.clean])
      await this.#database.all(sql);
  }
}

interface SessionRow {
  readonly id: string;
  readonly account_id: string;
  readonly name: string;
  readonly email: string;
  readonly is_confirmed: boolean;
  readonly created_at: Date;
  readonly is_recent: boolean;
  readonly is_due: boolean;
}

interface ListedRow {
  readonly id: string;
  readonly browser: string;
  readonly created_at: Date;
  readonly seen_at: Date;
}

interface NewSession {
  readonly tokenHash: Buffer;
  readonly accountId: string;
  readonly isProven: boolean;
  readonly browser: string;
  readonly commandId?: string;
  readonly replaced?: Buffer | undefined;
}

interface LinkByAddress {
  readonly tokenHash: Buffer;
  readonly email: string;
  readonly returnTo: string | undefined;
}

interface NewLink {
  readonly tokenHash: Buffer;
  readonly accountId: string;
  readonly newEmail?: string;
}

interface LinkRow {
  readonly account_id: string;
  readonly email: string;
  readonly return_to: string | null;
  readonly has_expired: boolean;
}

interface Taking {
  readonly tokenHash: Buffer;
  readonly sessionHash: Buffer;
  readonly browser: string;
  readonly replaced: Buffer | undefined;
}

interface ArrivalRow {
  readonly account_id: string;
  readonly name: string;
  readonly email: string;
  readonly is_confirmed: boolean;
  readonly return_to: string | null;
}
