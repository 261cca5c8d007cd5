/** The numbers that a form gave to the rows of a list, where it left some out. */
const numbers = new WeakMap<readonly unknown[], readonly number[]>();

export function withRowNumbers<Rows extends readonly unknown[]>(
  rows: Rows,
  given: readonly number[] | undefined,
): Rows {
  if (given?.some((number, index) => number !== index)) numbers.set(rows, given);
  return rows;
}

/** By these numbers errors are named, so that a message stands at the row that was typed. */
export function rowNumbersOf(rows: readonly unknown[]): readonly number[] | undefined {
  return numbers.get(rows);
}
