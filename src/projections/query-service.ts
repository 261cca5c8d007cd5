import type { Knex } from "knex";
import {
  ConcurrentChange,
  type ProjectorClass,
  StoreUnavailable,
  ViewNotLive,
  viewStates,
} from "#sequent/operations";
import { authorQueries } from "./author/queries.ts";
import type { Past } from "./past.ts";
import { postQueries } from "./post/queries.ts";
import { postRevisionQueries } from "./post-revision/queries.ts";
import type { AnswerTo, Query, QueryType } from "./queries.ts";
import { StateOfDatabase } from "./state-of-database.ts";
import { Views } from "./views.ts";

type Translations = {
  readonly [Type in QueryType]: (views: Views, query: Query<Type>, past: Past) => Promise<AnswerTo<Type>>;
};

const translations: Translations = {
  StateOfDatabase,
  ...authorQueries,
  ...postQueries,
  ...postRevisionQueries,
};

/** Postgres refused the SQL of a query: a mistake in the program. The log has the details. Answer with 500. */
export class QueryFailed extends Error {
  readonly query: QueryType;
  /** The SQLSTATE. */
  readonly code: string;

  constructor(query: QueryType, code: string, cause: Error) {
    super(`Postgres refused the SQL of the query ${query}: ${cause.message}.`, { cause });
    this.query = query;
    this.code = code;
  }
}

export interface QueryServiceParts {
  /** Connections that cannot write. */
  readonly knex: Knex;
  /** The projectors of this build. The queries are written for their views. */
  readonly projectors: readonly ProjectorClass[];
  readonly past: Past;
}

/** Answers questions: about the present from the views, about the past from the events. */
export class QueryService {
  readonly #knex: Knex;
  readonly #views: Views;
  readonly #projectors: readonly ProjectorClass[];
  readonly #past: Past;

  constructor({ knex, projectors, past }: QueryServiceParts) {
    this.#knex = knex;
    this.#views = new Views(knex);
    this.#projectors = projectors;
    this.#past = past;
  }

  ask<Type extends QueryType>(query: Query<Type>): Promise<AnswerTo<Type>> {
    const translate: (views: Views, query: Query<Type>, past: Past) => Promise<AnswerTo<Type>> =
      translations[query.type as Type];
    return translate(this.#views, query, this.#past).catch(async (error) => {
      // A query cannot lose a race. So a replica has cancelled it, to replay a change of the primary.
      if (error instanceof ConcurrentChange) throw new StoreUnavailable(false, { cause: error });
      const refusal = refusalOf(error);
      if (!refusal) throw error;
      if (isMissing.test(refusal.code) && !(await this.#areViewsLive()))
        throw new ViewNotLive({ cause: refusal });
      throw new QueryFailed(query.type, refusal.code, refusal);
    });
  }

  async #areViewsLive(): Promise<boolean> {
    const states = await viewStates(this.#knex, this.#projectors).catch(() => undefined);
    return states?.every(({ projector, liveVersion }) => liveVersion === projector.version) ?? false;
  }
}

/** A table or a column is missing. */
const isMissing = /^(42P01|42703)$/;
/** An attempt to write. For the event store it means that the primary became a replica, but a query needs no primary. */
const isWrite = /^25006$/;

/** The error of Postgres about the SQL itself. Undefined if nobody could reach Postgres. */
function refusalOf(error: unknown): (Error & { readonly code: string }) | undefined {
  const { cause } = error instanceof StoreUnavailable ? error : {};
  if (isRefusal(cause) && isWrite.test(cause.code)) return cause;
  return isRefusal(error) ? error : undefined;
}

function isRefusal(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && "code" in error && /^[\dA-Z]{5}$/.test(String(error.code));
}
