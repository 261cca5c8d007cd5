import { EditPost } from "../domain/post/commands.ts";
import { VersionConflict } from "../framework/index.ts";
import type { PostRevisionRecord } from "../projections/queries.ts";
import type { AppOptions } from "./app.ts";
import { derivedId } from "./derived-id.ts";
import { EditConflict, type Revision } from "./edit-conflict.ts";
import { mergeTexts, type Texts } from "./merge.ts";

type Parts = Pick<AppOptions, "commandService" | "queries">;

const attempts = 4;

/** What can be edited, and so merged; a revision calls what it changed by the same names. */
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
      const revisions = await queries.ask({ type: "PostRevisions", postId: edit.aggregateId });
      const current = revisionAt(revisions, Number.POSITIVE_INFINITY);
      const merge = mergeTexts(seenBy(edit, revisions), current.texts, textsOf(edit));
      if (merge.conflicts.length > 0) throw new EditConflict(error, current, merge);
      changedByOthers = merge.theirsAlone;
      command = await mergedEdit(edit, merge.merged, current.version);
    }
  }
}

function mergedEdit(edit: EditPost, texts: Texts, version: number): Promise<EditPost> {
  const commandId = derivedId(edit.commandId, `merge into ${version}`);
  return EditPost.fromParams(texts, { aggregateId: edit.aggregateId, commandId, expectedVersion: version });
}

/** What the author of an edit had before them; undefined where there is no telling. */
function seenBy({ expectedVersion = 0 }: EditPost, revisions: readonly PostRevisionRecord[]) {
  const isKnown = revisions.some(({ version }) => version === expectedVersion);
  return isKnown ? revisionAt(revisions, expectedVersion).texts : undefined;
}

function revisionAt(revisions: readonly PostRevisionRecord[], version: number): Revision {
  const past = revisions.filter((revision) => revision.version <= version);
  const latest = (change: string) => past.findLast((revision) => revision.change === change)?.value ?? "";
  return {
    version: past.at(-1)?.version ?? 0,
    texts: Object.fromEntries(fields.map((name) => [name, latest(name)])),
  };
}

function textsOf(edit: EditPost): Texts {
  return Object.fromEntries(fields.map((name) => [name, edit[name] ?? ""]));
}
