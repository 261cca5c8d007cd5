import type { FormBody } from "./form-body.ts";

/**
 * If the button of a list was pressed, adds a row to the form or removes it. Nothing else in the form changes. Returns the
 * row to go on with: the new one, or the one that is now in its place.
 */
export function changeRows(form: FormBody): string | undefined {
  const [, action, path = ""] = /^(add|remove):(.+)$/s.exec(String(form["intent"])) ?? [];
  if (action === "add") return addRow(form, path);
  return action === "remove" ? removeRow(form, path) : undefined;
}

function addRow(form: FormBody, list: string): string {
  const row = `${list}[${1 + Math.max(-1, ...numbersOf(form, list))}]`;
  form[row] = "";
  return row;
}

function removeRow(form: FormBody, row: string): string | undefined {
  const [, list, removed] = /^(.+)\[(\d+)\]$/s.exec(row) ?? [];
  if (list === undefined) return undefined;
  for (const name of Object.keys(form))
    if (name === row || name.startsWith(`${row}.`) || name.startsWith(`${row}[`)) delete form[name];
  const left = numbersOf(form, list).sort((one, other) => one - other);
  const next = left.find((number) => number > Number(removed)) ?? left.at(-1);
  return next === undefined ? list : `${list}[${next}]`;
}

/** The numbers of the rows of a list. */
function numbersOf(form: FormBody, list: string): number[] {
  const inList = Object.keys(form).filter((name) => name.startsWith(`${list}[`));
  return inList.map((name) => Number.parseInt(name.slice(list.length + 1), 10)).filter(Number.isSafeInteger);
}
