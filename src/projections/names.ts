/** The state of an aggregate under the names of columns: `{ publication_date: null }`. */
export function rowOf(state: object): Record<string, unknown> {
  return renamed(state, (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

/** A row under the names of attributes, as commands and forms have them: `{ publicationDate: null }`. */
export function attributesOf(row: object): Record<string, unknown> {
  return renamed(row, (name) => name.replace(/_([a-z\d])/g, (_, letter: string) => letter.toUpperCase()));
}

function renamed(values: object, nameOf: (name: string) => string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [nameOf(name), value ?? null]));
}
