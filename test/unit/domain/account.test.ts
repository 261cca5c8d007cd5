import { beforeEach, describe, test } from "vitest";
import { AggregateKeyNotUnique, VersionConflict } from "#sequent";
import { newId } from "#sequent/operations";
import { domainSpec } from "#sequent/testing";
import { modules } from "../../../src/blog.ts";
import { AddAuthor, ConfirmAuthorEmail, RenameAuthor } from "../../../src/domain/author/commands.ts";
import {
  AuthorAdded,
  AuthorEmailConfirmed,
  AuthorEmailSet,
  AuthorNameSet,
} from "../../../src/domain/author/events.ts";

const { given, when, thenEvents, thenIncludes, thenFails } = domainSpec({ beforeEach, modules });

const author = newId();

describe("RenameAuthor", () => {
  test("gives an author another name", async () => {
    given(AuthorAdded.of(author), AuthorNameSet.of(author, { name: "Ben" }));
    await when(new RenameAuthor({ aggregateId: author, name: "Benjamin" }));
    thenEvents(AuthorNameSet.of(author, { name: "Benjamin" }));
  });

  test("stores nothing if the name is the same", async () => {
    given(AuthorAdded.of(author), AuthorNameSet.of(author, { name: "Ben" }));
    await when(new RenameAuthor({ aggregateId: author, name: " Ben " }));
    thenEvents();
  });

  test("is refused if its sender saw an older version", async () => {
    given(AuthorAdded.of(author), AuthorNameSet.of(author, { name: "Ben" }));
    await when(new RenameAuthor({ aggregateId: author, seenVersion: 1, name: "Benjamin" }));
    thenFails(VersionConflict, { actualVersion: 2 });
  });
});

describe("ConfirmAuthorEmail", () => {
  const email = "ben@example.com";
  const added = [AuthorAdded.of(author), AuthorEmailSet.of(author, { email })];

  test("confirms the address of an author", async () => {
    given(...added);
    await when(new ConfirmAuthorEmail({ aggregateId: author, email }));
    thenEvents(AuthorEmailConfirmed.of(author, { email }));
  });

  test("stores nothing if this address is confirmed", async () => {
    given(...added, AuthorEmailConfirmed.of(author, { email }));
    await when(new ConfirmAuthorEmail({ aggregateId: author, email }));
    thenEvents();
  });

  test("sets another address, which is confirmed then", async () => {
    const other = { email: "Benjamin@example.com" };
    given(...added, AuthorEmailConfirmed.of(author, { email }));
    await when(new ConfirmAuthorEmail({ aggregateId: author, ...other }));
    thenEvents(AuthorEmailSet.of(author, other), AuthorEmailConfirmed.of(author, other));
  });

  test("is refused for an address of somebody else, in any case of letters", async () => {
    const other = newId();
    given(...added, AuthorAdded.of(other), AuthorEmailSet.of(other, { email: "eve@example.com" }));
    await when(new ConfirmAuthorEmail({ aggregateId: other, email: "BEN@example.com" }));
    thenFails(AggregateKeyNotUnique, { scope: "author_email", key: email });
  });

  test("frees the old address for others", async () => {
    given(...added);
    await when(new ConfirmAuthorEmail({ aggregateId: author, email: "benjamin@example.com" }));
    await when(new AddAuthor({ name: "Ben", email }));
    thenIncludes(AuthorEmailSet.like({ email }));
  });
});
