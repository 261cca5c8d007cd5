import { boolean, Command, decimal, list, object, oneOf, optional, string, ValueObject } from "#sequent";
import { form, known } from "../../../../src/web/forms/description.ts";

// `npm run types` checks this file: each line under @ts-expect-error must stay an error.

class Line extends ValueObject({ what: string(), amount: decimal() }) {}
class SendClaim extends Command("SendClaim", {
  title: string(),
  currency: oneOf("EUR", "USD"),
  isUrgent: optional(boolean()),
  lines: list(object(Line)),
  tags: list(string()),
  by: string(),
}) {}
class SendMemo extends Command("SendMemo", { title: string(), note: optional(string()) }) {}

const title = { label: "Title" };
const rest = {
  currency: { label: "Currency", options: { EUR: "Euro", USD: "US dollar" } },
  isUrgent: { label: "Urgent", inputType: "checkbox" },
  tags: { label: "Tags", each: { label: "Tag" } },
  by: known,
} as const;
const line = { label: "Line", fields: { what: { label: "What" }, amount: { label: "Amount" } } };
const lines = { label: "Lines", each: line };

/** Compiled and never run. */
export function misuses() {
  form([SendClaim], { title, lines, ...rest });
  form([SendMemo], { title, note: { label: "Note", rows: 5 } });
  form([SendClaim, SendMemo], { title, lines, ...rest, note: { label: "Note" } });
  // @ts-expect-error the command has no such attribute
  form([SendMemo], { title, note: known, subtitle: { label: "Subtitle" } });
  // @ts-expect-error misspelt
  form([SendMemo], { titel: { label: "Title" }, note: known });
  // @ts-expect-error an attribute is forgotten, though it may be left out
  form([SendMemo], { title });
  // @ts-expect-error an attribute of the second command is forgotten
  form([SendClaim, SendMemo], { title, lines, ...rest });
  // @ts-expect-error a label is missing
  form([SendMemo], { title: {}, note: known });
  // @ts-expect-error a text is no checkbox
  form([SendMemo], { title: { label: "Title", inputType: "checkbox" }, note: known });
  form([SendMemo], { title: { label: "Title", inputType: "select" }, note: known });
  // @ts-expect-error a box to be ticked, not to be chosen
  form([SendClaim], { title, lines, ...rest, isUrgent: { label: "Urgent", inputType: "select" } });
  // @ts-expect-error a word of the command has no text
  form([SendClaim], { title, lines, ...rest, currency: { label: "Currency", options: { EUR: "Euro" } } });
  // @ts-expect-error a box to be ticked, not to be typed into
  form([SendClaim], { title, lines, ...rest, isUrgent: { label: "Urgent" } });
  // @ts-expect-error a list has rows
  form([SendClaim], { title, lines, ...rest, tags: { label: "Tags" } });
  const without = { label: "Line", fields: { what: title } };
  // @ts-expect-error a field of the rows is forgotten
  form([SendClaim], { title, ...rest, lines: { label: "Lines", each: without } });
}
