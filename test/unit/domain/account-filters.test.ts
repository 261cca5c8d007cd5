import { beforeEach, expect, test } from "vitest";
import { newId, UserRequired } from "#sequent/operations";
import { byProgram } from "../../../src/bin/by-program.ts";
import { createBlog } from "../../../src/blog.ts";
import { ConfirmAuthorEmail, RenameAuthor } from "../../../src/domain/author/commands.ts";
import { AddressNotConfirmed } from "../../../src/domain/post/errors.ts";
import { countStored, useBlog } from "../../support/database.ts";
import { author, draftBy, publication } from "../../support/people.ts";

const context = useBlog();
const ben = newId();
const moss = newId();

const serviceWith = (parts: Partial<Parameters<typeof createBlog>[0]> = {}) =>
  createBlog({ ...context.database, ...parts }).commandService;

beforeEach(async () => {
  await serviceWith().executeCommands(author({ aggregateId: ben }), draftBy(ben, { aggregateId: moss }));
});

test("every blog refuses commands without a user, except to add an author", async () => {
  const before = await countStored(context.database);
  const renaming = () => new RenameAuthor({ aggregateId: ben, name: "Benjamin" });
  await expect(serviceWith().executeCommands(renaming())).rejects.toThrow(UserRequired);
  await expect(serviceWith().dryRun(renaming())).rejects.toThrow(UserRequired);
  expect(await countStored(context.database)).toEqual(before);
  await serviceWith({ filters: [byProgram("npm run test")] }).executeCommands(renaming());
});

test("with the setting, a blog lets only people with a confirmed address publish", async () => {
  const strict = serviceWith({ confirmAddress: true });
  await expect(strict.executeCommands(publication(moss, ben))).rejects.toThrow(AddressNotConfirmed);
  const email = "ben@example.com";
  await strict.executeCommands(new ConfirmAuthorEmail({ aggregateId: ben, userId: ben, email }));
  await strict.executeCommands(publication(moss, ben));
});

test("with the setting, somebody who has no account publishes nothing", async () => {
  const strict = serviceWith({ confirmAddress: true });
  await expect(strict.executeCommands(publication(moss, newId()))).rejects.toThrow(AddressNotConfirmed);
});

test("without the setting, a blog lets people publish at once, and always its programs", async () => {
  await serviceWith().executeCommands(publication(moss, ben));
  const fern = draftBy(ben);
  await serviceWith().executeCommands(fern);
  await serviceWith({ confirmAddress: true }).executeCommands(publication(fern.aggregateId));
});
