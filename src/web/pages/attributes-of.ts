/**
 * The values of a row under the names of attributes, as commands and forms have them: `publication_date` is
 * `publicationDate`.
 */
export function attributesOf(row: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [attributeOf(column), value]));
}

function attributeOf(column: string): string {
  return column.replace(/_([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
}
