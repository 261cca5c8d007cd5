import { v5 } from "uuid";
import { AggregateClosed, type BaseCommand, calendarDate } from "#sequent";
import { type Clock, CommandIdReused, type CommandService } from "#sequent/operations";
import { AddAuthor } from "../domain/author/commands.ts";
import { AddPost, EditPost, PublishPost } from "../domain/post/commands.ts";
import { readAuthors, type SeedAuthor, type SeedPost } from "./texts.ts";

/**
 * Fills a blog with something to read, by the commands that a person would send, each at the day of its text. So your own posts stay
 * before them. The ids are made from e-mail and title, so a second run finds all of them done and adds nothing, not even an
 * author who was erased in between.
 */
export async function seed(
  serviceAt: (clock: Clock) => Pick<CommandService, "executeCommands">,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<void> {
  const authors = readAuthors();
  const units = [...authors.map(authorUnit), ...postUnits(authors)];
  for (const [index, unit] of units.entries()) {
    await write(unit, serviceAt);
    onProgress(index + 1, units.length);
  }
}

/** Writes nothing more for an author who was erased. */
async function write(unit: Unit, serviceAt: Parameters<typeof seed>[0]): Promise<void> {
  for (const { command, on } of unit) {
    try {
      await serviceAt(() => new Date(`${on}T09:00:00Z`)).executeCommands(command);
    } catch (error) {
      const wasErased =
        error instanceof AggregateClosed ||
        (command instanceof AddAuthor && error instanceof CommandIdReused);
      if (!wasErased) throw error;
      return;
    }
  }
}

/** Commands, each with the day on which a person would have sent it. */
type Unit = readonly { readonly command: BaseCommand; readonly on: string }[];

const namespace = "6f0e8f3a-7d2b-5c1e-9a44-2b8d1c5e7f90";
const idOf = (...names: readonly string[]) => v5(names.join("\n"), namespace);

/** Before the first post, and after the last one. */
const [firstDay, lastDay] = ["2026-01-01", "2026-11-02"];

function authorUnit({ name, email }: SeedAuthor): Unit {
  const command = new AddAuthor({ commandId: idOf("add", email), aggregateId: idOf(email), name, email });
  return [{ command, on: firstDay }];
}

/** In the order of publication, drafts last: pages show the newest first. */
function postUnits(authors: readonly SeedAuthor[]): Unit[] {
  const posts = authors.flatMap((author) => author.posts.map((post) => ({ author, post })));
  return posts
    .sort((one, other) => dayOf(one.post).localeCompare(dayOf(other.post)))
    .map(({ author, post }) => postUnit(author, post));
}

function dayOf({ published = lastDay }: SeedPost): string {
  return published;
}

function postUnit({ email }: SeedAuthor, post: SeedPost): Unit {
  const { title, content, published, edits } = post;
  const aggregateId = idOf(email, title);
  const userId = idOf(email); // people write for themselves
  const idFor = (purpose: string) => idOf(purpose, email, title);
  const commands: BaseCommand[] = [
    new AddPost({ commandId: idFor("add"), aggregateId, userId, authorAggregateId: userId, title, content }),
  ];
  if (published) {
    const publicationDate = calendarDate(new Date(published));
    commands.push(new PublishPost({ commandId: idFor("publish"), aggregateId, userId, publicationDate }));
  }
  let text = content;
  for (const [index, [before = "", after = ""]] of edits.entries()) {
    text = text.replace(before, after);
    commands.push(
      new EditPost({ commandId: idFor(`edit ${index}`), aggregateId, userId, title, content: text }),
    );
  }
  return commands.map((command) => ({ command, on: dayOf(post) }));
}
