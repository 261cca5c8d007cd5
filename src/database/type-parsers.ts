import pg from "pg";

const { builtins } = pg.types;

/** How columns become values: as `pg` does it, but for a day of the calendar, which stays the text that it is. */
export const typeParsers = {
  getTypeParser(type: number, format?: "text" | "binary"): (text: string) => unknown {
    if (type === builtins.DATE) return (text) => text;
    return pg.types.getTypeParser(type, format as "text");
  },
};
