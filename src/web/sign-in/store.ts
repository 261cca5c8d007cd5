/** Keeps sessions, links and forms for all processes: `src/database/sign-in/`. All times are those of the database. */
export interface SignInStore extends SessionStore, LinkStore, KeptFormStore {}

/** A token is stored as a hash, and so are the keys below. */
type Hash = Buffer;

export interface SessionStore {
  /** One statement. Undefined if there is no such session, or if it has ended. */
  findSession(tokenHash: Hash): Promise<FoundSession | undefined>;
  /** A session without a link. Returns false if it made none: see `commandId`. */
  beginSession(session: NewSession): Promise<boolean>;
  /** Those that have not ended, the last one used first. */
  sessionsOf(accountId: string): Promise<readonly ListedSession[]>;
  endSession(tokenHash: Hash): Promise<void>;
  /** One session of the account, or all but one, or all. */
  endSessions(accountId: string, which?: WhichSessions): Promise<void>;
}

/** A session and its account, in one row. */
export interface FoundSession {
  readonly id: string;
  readonly account_id: string;
  readonly name: string;
  readonly email: string;
  readonly is_confirmed: boolean;
  readonly created_at: Date;
  /** True if it began in the last 15 minutes. */
  readonly is_recent: boolean;
}

export interface ListedSession {
  readonly id: string;
  readonly browser: string;
  readonly created_at: Date;
  readonly seen_at: Date;
}

export interface NewSession {
  readonly tokenHash: Hash;
  readonly accountId: string;
  /** True if a link has shown that the address is theirs. */
  readonly isProven: boolean;
  /** In words, such as "Firefox on Linux". */
  readonly browser: string;
  /** The session begins only if this command made the account less than a minute ago. */
  readonly commandId?: string;
  /** The session that this browser had before. It ends. */
  readonly replaced?: Hash | undefined;
}

export type WhichSessions = { readonly only: string } | { readonly except: string };

export interface LinkStore {
  /** A link to sign in, for the account with this address. Without such an account a link is stored, too, which nobody gets. */
  addLinkByAddress(link: {
    tokenHash: Hash;
    email: string;
    returnTo: string | undefined;
  }): Promise<Addressee>;
  /** A link for an account: to its present address to sign in, or to a new address. */
  addLink(link: { tokenHash: Hash; accountId: string; newEmail?: string }): Promise<Addressee>;
  /** The link to sign in with this token, if it was not used. */
  findLink(tokenHash: Hash): Promise<FoundLink | undefined>;
  /**
   * Uses a link to sign in, in one statement: takes the link away, begins a session, and ends those of the account that never showed
   * that the address is theirs. Undefined if there is no such link, if it has expired, or if the address of the account has changed.
   */
  takeLink(link: Taking): Promise<TakenLink | undefined>;
  /** The new address of the account that this link confirms. */
  findNewAddress(tokenHash: Hash, accountId: string): Promise<string | undefined>;
  /** Ends all links of an account. */
  endLinks(accountId: string): Promise<void>;
}

/** Where the mail goes: the stored address. Undefined if there is no such account. */
export type Addressee = string | undefined;

export interface FoundLink {
  readonly account_id: string;
  readonly email: string;
  readonly return_to: string | null;
  readonly has_expired: boolean;
}

interface Taking {
  readonly tokenHash: Hash;
  readonly sessionHash: Hash;
  readonly browser: string;
  readonly replaced: Hash | undefined;
}

export interface TakenLink {
  readonly account_id: string;
  readonly name: string;
  readonly email: string;
  readonly is_confirmed: boolean;
  readonly return_to: string | null;
}

export interface KeptFormStore {
  /** Returns false if there are too many already. */
  keepForm(id: Hash, sealed: Buffer): Promise<boolean>;
  findForm(id: Hash): Promise<Buffer | undefined>;
  forgetForm(id: Hash): Promise<void>;
}
