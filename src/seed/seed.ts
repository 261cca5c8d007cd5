import { v5 } from "uuid";
import { AggregateClosed, type BaseCommand, calendarDate } from "#sequent";
import { CommandIdReused, type CommandService } from "#sequent/operations";
import { AddAuthor } from "../domain/author/commands.ts";
import { AddPost, EditPost, PublishPost } from "../domain/post/commands.ts";
import { readAuthors, type SeedAuthor, type SeedPost } from "./texts.ts";

/**
 * Fills a blog with something to read, by the commands that a person would send. Their ids are made from e-mail and title,
 * so a second run finds all of them done and adds nothing, not even an author who was erased in between.
 */
export async function seed(
  commandService: Pick<CommandService, "executeCommands">,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<void> {
  const authors = readAuthors();
  const units = [...authors.map(authorUnit), ...postUnits(authors)];
  for (const [index, commands] of units.entries()) {
    await write(commands, commandService);
    onProgress(index + 1, units.length);
  }
}

/** Writes nothing more for an author who was erased. */
async function write(commands: Unit, commandService: Pick<CommandService, "executeCommands">): Promise<void> {
  for (const command of commands) {
    try {
      await commandService.executeCommands(command);
    } catch (error) {
      const wasErased =
        error instanceof AggregateClosed ||
        (command instanceof AddAuthor && error instanceof CommandIdReused);
      if (!wasErased) throw error;
      return;
    }
  }
}

type Unit = readonly BaseCommand[];

const namespace = "6f0e8f3a-7d2b-5c1e-9a44-2b8d1c5e7f90";
const idOf = (...names: readonly string[]) => v5(names.join("\n"), namespace);

function authorUnit({ name, email }: SeedAuthor): Unit {
  return [new AddAuthor({ commandId: idOf("add", email), aggregateId: idOf(email), name, email })];
}

/** In the order of publication, drafts last: pages show the newest first. */
function postUnits(authors: readonly SeedAuthor[]): Unit[] {
  const posts = authors.flatMap((author) => author.posts.map((post) => ({ author, post })));
  const dayOf = ({ published = "9999-12-31" }: SeedPost) => published;
  return posts
    .sort((one, other) => dayOf(one.post).localeCompare(dayOf(other.post)))
    .map(({ author, post }) => postCommands(author, post));
}

function postCommands({ email }: SeedAuthor, { title, content, published, edits }: SeedPost) {
  const aggregateId = idOf(email, title);
  const idFor = (purpose: string) => idOf(purpose, email, title);
  const commands: BaseCommand[] = [
    new AddPost({ commandId: idFor("add"), aggregateId, authorAggregateId: idOf(email), title, content }),
  ];
  if (published) {
    const publicationDate = calendarDate(new Date(published));
    commands.push(new PublishPost({ commandId: idFor("publish"), aggregateId, publicationDate }));
  }
  let text = content;
  for (const [index, [before = "", after = ""]] of edits.entries()) {
    text = text.replace(before, after);
    commands.push(new EditPost({ commandId: idFor(`edit ${index}`), aggregateId, title, content: text }));
  }
  return commands;
}
