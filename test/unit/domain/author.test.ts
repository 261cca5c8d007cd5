import { beforeEach, describe, expect, test } from "vitest";
import { AggregateClosed, AggregateKeyNotUnique, AggregateNotFound, CommandNotValid } from "#sequent";
import { AggregateAlreadyExists, newId } from "#sequent/operations";
import { domainSpec } from "#sequent/testing";
import { modules } from "../../../src/blog.ts";
import { Author } from "../../../src/domain/author/author.ts";
import { AddAuthor, EraseAuthor } from "../../../src/domain/author/commands.ts";
import {
  AuthorAdded,
  AuthorEmailConfirmed,
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

test("an address belongs to one author, whatever its spelling", async () => {
  given(AuthorAdded.of(author), AuthorEmailSet.of(author, { email: "ben@example.com" }));
  await when(new AddAuthor({ name: "Another Ben", email: "BEN@EXAMPLE.COM" }));
  thenFails(AggregateKeyNotUnique, { scope: "author_email", key: "ben@example.com" });
});

describe("an author who is erased", () => {
  const added = [AuthorAdded.of(author), AuthorEmailSet.of(author, { email: "ben@example.com" })];
  const erasure = { by: "ann", reason: "asked for it" };

  test("is erased by a named person, for a reason", async () => {
    given(...added);
    await when(new EraseAuthor({ aggregateId: author, ...erasure }));
    thenEvents(AuthorErased.of(author, erasure));
  });

  test("cannot be erased again", async () => {
    given(...added, AuthorErased.of(author, erasure));
    await when(new EraseAuthor({ aggregateId: author, by: "somebody else" }));
    thenFails(AggregateClosed, { aggregateType: "Author", aggregateId: author });
  });

  test("frees the address for others", async () => {
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

  test("has no name and no address any more, so no snapshot contains them", () => {
    const history = [
      ...added,
      AuthorNameSet.of(author, { name: "Ben" }),
      AuthorEmailConfirmed.of(author, { email: "ben@example.com" }),
      AuthorErased.of(author, erasure),
    ];
    const { state } = new Author(author).loadFromHistory(history);
    expect(state).toEqual({ name: undefined, email: undefined, confirmedEmail: undefined, isErased: true });
  });

  test("must have been added before", async () => {
    await when(new EraseAuthor({ aggregateId: author, ...erasure }));
    thenFails(AggregateNotFound, { aggregateType: "Author" });
  });
});

describe("what a person types", () => {
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
