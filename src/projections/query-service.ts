import type { Knex } from "knex";
import { PostgresConnections, ViewNotLive } from "../framework/index.ts";
import { authorQueries } from "./author-queries.ts";
import { postQueries } from "./post-queries.ts";
import { postRevisionQueries } from "./post-revision-queries.ts";
import type { Answer, Query, QueryType } from "./queries.ts";

type Translations = {
  readonly [Type in QueryType]: (database: PostgresConnections, query: Query<Type>) => Promise<Answer<Type>>;
};

const translations: Translations = { ...authorQueries, ...postQueries, ...postRevisionQueries };

/** Answers queries from the views, on connections that cannot write. */
export class QueryService {
  readonly #database: PostgresConnections;

  constructor(knex: Knex) {
    this.#database = new PostgresConnections(knex);
  }

  ask<Type extends QueryType>(query: Query<Type>): Promise<Answer<Type>> {
    const translate: (database: PostgresConnections, query: Query<Type>) => Promise<Answer<Type>> =
      translations[query.type as Type];
    return translate(this.#database, query).catch((error) => {
      throw isUndefined(error) ? new ViewNotLive({ cause: error }) : error;
    });
  }
}

/** A table or a column that is not there. */
function isUndefined(error: { readonly code?: string }): boolean {
  return error.code === "42P01" || error.code === "42703";
}
