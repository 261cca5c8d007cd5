import { beforeEach, describe, expect, test } from "vitest";
import { AggregateClosed, AggregateKeyNotUnique, AggregateNotFound, CommandNotValid } from "#sequent";
import { AggregateAlreadyExists, newId } from "#sequent/operations";
import { domainSpec } from "#sequent/testing";
import { modules } from "../../../src/blog.ts";
import { Author } from "../../../src/domain/author/author.ts";
import { AddAuthor, EraseAuthor } from "../../../src/domain/author/commands.ts";
import {
  AuthorAdded,
  AuthorEmailSet,
  AuthorErased,
  AuthorNameSet,
} from "../../../src/domain/author/events.ts";

const { given, when, thenEvents, thenFails } = domainSpec({ beforeEach, modules });

const author = newId();

test("an author is added with a name and an address", async () => {
  await when(new AddAuthor({ aggregateId: author, name: "Ben", email: "Ben@Example.com" }));
  thenEvents(
    AuthorAdded.of(author),
    AuthorNameSet.of(author, { name: "Ben" }),
    AuthorEmailSet.of(author, { email: "Ben@example.com" }),
  );
});

test("an address belongs to one author, however it is spelt", async () => {
  given(AuthorAdded.of(author), AuthorEmailSet.of(author, { email: "ben@example.com" }));
  await when(new AddAuthor({ name: "Another Ben", email: "BEN@EXAMPLE.COM" }));
  thenFails(AggregateKeyNotUnique, { scope: "author_email", key: "ben@example.com" });
});

describe("an author who is erased", () => {
  const added = [AuthorAdded.of(author), AuthorEmailSet.of(author, { email: "ben@example.com" })];
  const erasure = { by: "ann", reason: "asked for it" };

  test("is erased by somebody, for a reason", async () => {
    given(...added);
    await when(new EraseAuthor({ aggregateId: author, ...erasure }));
    thenEvents(AuthorErased.of(author, erasure));
  });

  test("cannot be erased again", async () => {
    given(...added, AuthorErased.of(author, erasure));
    await when(new EraseAuthor({ aggregateId: author, by: "somebody else" }));
    thenFails(AggregateClosed, { aggregateType: "Author", aggregateId: author });
  });

  test("leaves the address to whoever wants it", async () => {
    given(...added, AuthorErased.of(author, erasure));
    await when(new AddAuthor({ name: "Ben", email: "ben@example.com" }));
    thenEvents(AuthorAdded, AuthorNameSet, AuthorEmailSet);
  });

  test("cannot come back under the same id", async () => {
    given(...added, AuthorErased.of(author, erasure));
    await when(new AddAuthor({ aggregateId: author, name: "Ben", email: "ben@example.com" }));
    thenFails(AggregateAlreadyExists);
  });

  test("has no key, so several authors can be erased", async () => {
    const another = newId();
    given(...added, AuthorErased.of(author, erasure), AuthorAdded.of(another));
    await when(new EraseAuthor({ aggregateId: another, ...erasure }));
    thenEvents(AuthorErased.of(another, erasure));
  });

  test("has no address any more, so that no snapshot has it either", () => {
    const history = [...added, AuthorErased.of(author, erasure)];
    const { state } = new Author(author).loadFromHistory(history);
    expect(state).toStrictEqual({ email: undefined, isErased: true });
  });

  test("must have been an author", async () => {
    await when(new EraseAuthor({ aggregateId: author, ...erasure }));
    thenFails(AggregateNotFound, { aggregateType: "Author" });
  });
});

describe("what is typed", () => {
  test.each([
    [{}, { name: ["can't be blank"], email: ["can't be blank"] }],
    [
      { name: "  ", email: "  " },
      { name: ["can't be blank"], email: ["can't be blank"] },
    ],
    [{ name: "Ben", email: "ben" }, { email: ["is not an e-mail address"] }],
    [{ name: "Be\u202En", email: "ben@example.com" }, { name: ["contains invisible characters"] }],
    [{ name: "b".repeat(101), email: "ben@example.com" }, { name: ["is too long (at most 100 characters)"] }],
  ])("is refused field by field: %j", async (params, errors) => {
    await expect(AddAuthor.fromParams(params)).rejects.toMatchObject({ errors, params });
    await expect(AddAuthor.fromParams(params)).rejects.toBeInstanceOf(CommandNotValid);
  });

  test("is trimmed, and the domain of an address is written in ASCII", async () => {
    const command = await AddAuthor.fromParams({ name: " Ben ", email: " Ben@BÜCHER.example " });
    expect(command).toMatchObject({ name: "Ben", email: "Ben@xn--bcher-kva.example" });
  });
});
