import pg from "pg";

const { builtins } = pg.types;

/** Types of lists, for which `pg` has no names. */
const [numericList, dateList, textList]: readonly [number, number, number] = [1231, 1182, 1009];

/**
 * For the connections: turns columns into values like `pg`, with two exceptions. A day of the calendar stays a text, and lists of days
 * and of exact numbers are lists of texts.
 *
 *     knex({ client: "pg", connection: { connectionString, types: typeParsers } })
 */
export const typeParsers = {
  getTypeParser(type: number, format?: string): (text: string) => unknown {
    if (type === builtins.DATE) return (text) => text;
    if (type === dateList || type === numericList) return pg.types.getTypeParser(textList);
    return pg.types.getTypeParser(type, format as "text");
  },
};
