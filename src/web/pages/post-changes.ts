import type { CommandResult } from "#sequent/operations";
import type { EditPost } from "../../domain/post/commands.ts";
import { attributesOf } from "../../projections/names.ts";
import type { Questions } from "../../projections/queries.ts";
import { readable } from "../forms/conflict.ts";
import type { FormDescription } from "../forms/description.ts";
import type { Values } from "../forms/shown-form.ts";

/** What the next page says after an edit. */
export async function savedMessage(
  queries: Questions,
  form: FormDescription,
  edit: EditPost,
  result: CommandResult | undefined,
): Promise<string> {
  const changed = await changedByOthers(queries, form, edit, result);
  if (changed.length === 0) return "Changes saved";
  return `Changes saved. Somebody else changed the ${changed.join(" and ")} in the meantime: both are kept.`;
}

/** The fields in which changes of others were kept. Without such changes, it needs no query. */
async function changedByOthers(
  queries: Questions,
  { fields }: FormDescription,
  edit: EditPost,
  result: CommandResult | undefined,
): Promise<string[]> {
  const { aggregateId: postId, seenVersion } = edit;
  const { version, eventCount = 0 } = result ?? {};
  const reader = { readerId: edit.userId };
  if (seenVersion === undefined || version === seenVersion + eventCount) return [];
  const post = await (version === undefined
    ? queries.ask({ type: "PostById", postId, ...reader })
    : queries.ask({ type: "PostAtVersion", postId, version, ...reader }));
  if (!post) return [];
  const saved = attributesOf(post);
  const sent: Values = { ...edit };
  return Object.entries(fields)
    .filter(([name, field]) => readable(field, saved[name]) !== readable(field, sent[name]))
    .map(([, { label }]) => label.toLowerCase());
}
