import { v5 } from "uuid";
import { AggregateClosed, type BaseCommand } from "#sequent";
import { CommandIdReused, type CommandService } from "#sequent/operations";
import { AddAuthor } from "../domain/author/commands.ts";
import { AddPost, EditPost, PublishPost } from "../domain/post/commands.ts";
import { amara } from "./amara.ts";
import { henrik } from "./henrik.ts";
import { ines } from "./ines.ts";
import type { SeedAuthor, SeedPost } from "./seed-author.ts";
import { tomasz } from "./tomasz.ts";
import { yuki } from "./yuki.ts";

export const seedAuthors: readonly SeedAuthor[] = [amara, henrik, ines, tomasz, yuki];

/** Says after each unit of work how far it is. */
export type OnProgress = (done: number, total: number) => void;

/**
 * Fills a blog with something to read, by the commands that a person would send. Their ids are always the same,
 * so a second run finds all of them done and adds nothing, not even an author who was erased meanwhile.
 */
export async function seed(
  commandService: Pick<CommandService, "executeCommands">,
  onProgress: OnProgress = () => {},
): Promise<void> {
  const units = [...seedAuthors.map(authorUnit), ...postUnits()];
  for (const [index, commands] of units.entries()) {
    await write(commands, commandService);
    onProgress(index + 1, units.length);
  }
}

/** Nothing more is written of an author who was erased. */
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

/** The commands of one author or post. */
type Unit = readonly BaseCommand[];

const namespace = "6f0e8f3a-7d2b-5c1e-9a44-2b8d1c5e7f90";
const idOf = (...names: readonly string[]) => v5(names.join("\n"), namespace);

function authorUnit({ name, email }: SeedAuthor): Unit {
  const command = new AddAuthor({ commandId: idOf("add", email), aggregateId: idOf(email), name, email });
  return [command];
}

/** In the order of their publication, drafts last: pages show the newest first. */
function postUnits(): Unit[] {
  const posts = seedAuthors.flatMap((author) => author.posts.map((post) => ({ author, post })));
  const dayOf = ({ publishedOn = "9999-12-31" }: SeedPost) => publishedOn;
  return posts
    .sort((one, other) => dayOf(one.post).localeCompare(dayOf(other.post)))
    .map(({ author, post }) => postCommands(author, post));
}

function postCommands({ email }: SeedAuthor, { title, content, publishedOn, edits = [] }: SeedPost) {
  const aggregateId = idOf(email, title);
  const idFor = (purpose: string) => idOf(purpose, email, title);
  const commands: BaseCommand[] = [
    new AddPost({ commandId: idFor("add"), aggregateId, authorAggregateId: idOf(email), title, content }),
  ];
  if (publishedOn) {
    commands.push(
      new PublishPost({ commandId: idFor("publish"), aggregateId, publicationDate: publishedOn }),
    );
  }
  let text = content;
  for (const [index, [before, after]] of edits.entries()) {
    text = text.replace(before, after);
    commands.push(new EditPost({ commandId: idFor(`edit ${index}`), aggregateId, title, content: text }));
  }
  return commands;
}
