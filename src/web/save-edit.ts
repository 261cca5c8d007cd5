import { EditPost } from "../domain/post/commands.ts";
import { VersionConflict } from "../framework/index.ts";
import type { AppOptions } from "./app.ts";
import { derivedId } from "./derived-id.ts";
import { EditConflict } from "./edit-conflict.ts";
import { mergeTexts, type Texts } from "./merge.ts";

type Parts = Pick<AppOptions, "commandService" | "queries">;

const attempts = 4;

/** What can be edited, and so merged; a post calls it by the same names. */
const fields = Object.keys(EditPost.attributes) as (keyof typeof EditPost.attributes)[];

/**
 * Saves an edit. What others changed since its author saw the post is kept beside it where they changed other
 * fields; where they changed the same, nothing is saved and `EditConflict` is thrown. Says which fields others changed.
 */
export async function saveEdit(
  { commandService, queries }: Parts,
  edit: EditPost,
): Promise<{ changedByOthers: readonly string[] }> {
  let command = edit;
  let changedByOthers: readonly string[] = [];
  for (let attempt = 1; ; attempt += 1) {
    try {
      await commandService.executeCommands(command);
      return { changedByOthers };
    } catch (error) {
      if (!(error instanceof VersionConflict) || attempt === attempts) throw error;
      const [seen, current] = await Promise.all([
        postAt(edit.expectedVersion),
        queries.ask({ type: "PostById", postId: edit.aggregateId }),
      ]);
      if (!current) throw error;
      const theirs = { version: current.version, texts: textsOf(current) };
      const merge = mergeTexts(seen && textsOf(seen), theirs.texts, textsOf(edit));
      if (merge.conflicts.length > 0) throw new EditConflict(error, theirs, merge);
      changedByOthers = merge.theirsAlone;
      command = await mergedEdit(edit, merge.merged, current.version);
    }
  }

  /** What the author of the edit had before them; undefined where there is no telling. */
  async function postAt(version: number | undefined) {
    if (version === undefined) return undefined;
    return queries.ask({ type: "PostAtVersion", postId: edit.aggregateId, version });
  }
}

function mergedEdit(edit: EditPost, texts: Texts, version: number): Promise<EditPost> {
  const commandId = derivedId(edit.commandId, `merge into ${version}`);
  return EditPost.fromParams(texts, { aggregateId: edit.aggregateId, commandId, expectedVersion: version });
}

/** What may be left out is an empty text here. */
function textsOf(source: { readonly [Name in (typeof fields)[number]]?: string | null | undefined }): Texts {
  return Object.fromEntries(fields.map((name) => [name, source[name] ?? ""]));
}
