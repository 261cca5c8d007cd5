import type { Knex } from "knex";
import {
  type AggregateReader,
  ConcurrentChange,
  codeOf,
  PostgresConnections,
  type ProjectorClass,
  StoreUnavailable,
  ViewNotLive,
  viewStates,
} from "#sequent/operations";
import { type AnswerTo, type Query, type QueryType, queries } from "./queries.ts";

type Translations = {
  readonly [Type in QueryType]: (
    views: PostgresConnections,
    query: Query<Type>,
    past: Past,
  ) => Promise<AnswerTo<Type>>;
};

const translations: Translations = queries;

/** Gives past states of aggregates, from their events. No view keeps them. */
type Past = Pick<AggregateReader, "stateAsOf">;

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

interface QueryServiceParts {
  /** Connections that cannot write. */
  readonly knex: Knex;
  /** The projectors of this build. The queries are written for their views. */
  readonly projectors: readonly ProjectorClass[];
  readonly past: Past;
}

/** Answers questions: about the present from the views, about the past from the events. */
export class QueryService {
  readonly #knex: Knex;
  readonly #views: PostgresConnections;
  readonly #projectors: readonly ProjectorClass[];
  readonly #past: Past;

  constructor({ knex, projectors, past }: QueryServiceParts) {
    this.#knex = knex;
    this.#views = new PostgresConnections(knex);
    this.#projectors = projectors;
    this.#past = past;
  }

  ask<Type extends QueryType>(query: Query<Type>): Promise<AnswerTo<Type>> {
    const translate: Translations[Type] = translations[query.type as Type];
    return translate(this.#views, query, this.#past).catch((error) => this.#explain(error, query.type));
  }

  async #explain(error: unknown, query: QueryType): Promise<never> {
    // A query cannot lose a race. So a replica has cancelled it, to replay a change of the primary.
    if (error instanceof ConcurrentChange) throw new StoreUnavailable(false, { cause: error });
    // An attempt to write. For the event store it means that the primary became a replica, but a query needs no primary.
    const isWrite = error instanceof StoreUnavailable && codeOf(error.cause) === "25006";
    const refusal = isWrite ? error.cause : error;
    const code = codeOf(refusal) ?? "";
    if (!(refusal instanceof Error) || !/^[\dA-Z]{5}$/.test(code)) throw error;
    if (isMissing.test(code) && !(await this.#areViewsLive())) throw new ViewNotLive({ cause: refusal });
    throw new QueryFailed(query, code, refusal);
  }

  async #areViewsLive(): Promise<boolean> {
    const states = await viewStates(this.#knex, this.#projectors).catch(() => undefined);
    return states?.every(({ projector, liveVersion }) => liveVersion === projector.version) ?? false;
  }
}

/** A table or a column is missing. */
const isMissing = /^(42P01|42703)$/;
