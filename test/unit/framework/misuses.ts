import {
  AggregateRoot,
  Command,
  CreationCommand,
  date,
  decimal,
  Event,
  integer,
  notBlank,
  object,
  on,
  oneOf,
  optional,
  reference,
  string,
  time,
  uuid,
  ValueObject,
} from "#sequent";

// `npm run types` checks this file: each line under @ts-expect-error must stay an error.

class Money extends ValueObject({ amount: decimal(), currency: oneOf("EUR", "USD") }) {}

class AddPost extends CreationCommand("AddPost", {
  authorAggregateId: uuid(),
  title: string(notBlank),
  subtitle: optional(string()),
}) {}
class MovePost extends Command("MovePost", { to: reference("Author"), by: optional(reference("Author")) }) {}
class PublishPost extends Command("PublishPost", { publicationDate: date() }) {}
class ArchivePost extends Command("ArchivePost") {}
class PostAdded extends Event("PostAdded") {}
class PostTitleChanged extends Event("PostTitleChanged", { title: string() }) {}
class PostPublished extends Event("PostPublished", { publicationDate: date(), note: optional(string()) }) {}

export class Post extends AggregateRoot("Post", { title: string() }) {
  readonly handlers = [on(PostTitleChanged, ({ title }) => ({ title }))];

  misuses() {
    this.apply(PostAdded);
    this.apply(PostTitleChanged, { title: "Hello" });
    this.apply(PostPublished, { publicationDate: "2026-11-20" });
    // @ts-expect-error an event without attributes takes none
    this.apply(PostAdded, { title: "Hello" });
    // @ts-expect-error the attributes are missing
    this.apply(PostTitleChanged);
    // @ts-expect-error one attribute is missing
    this.apply(PostTitleChanged, {});
    // @ts-expect-error misspelt
    this.apply(PostTitleChanged, { titel: "Hello" });
    // @ts-expect-error not declared
    this.apply(PostTitleChanged, { title: "Hello", author: "Ben" });
    // @ts-expect-error of the wrong type
    this.apply(PostTitleChanged, { title: 5 });
    // @ts-expect-error null is no text
    this.apply(PostTitleChanged, { title: null });
    // @ts-expect-error a Date is no day of the calendar
    this.apply(PostPublished, { publicationDate: new Date() });
    // @ts-expect-error the aggregate does not choose the envelope
    this.apply(PostTitleChanged, { title: "Hello", sequenceNumber: 5 });
    // @ts-expect-error a command is no event
    this.apply(AddPost, { title: "Hello" });
    // @ts-expect-error misspelt
    this.applyIfChanged(PostTitleChanged, { titel: "Hello" });
    // @ts-expect-error of the wrong type
    this.applyIfChanged(PostTitleChanged, { title: 5 });
    // @ts-expect-error the state has no such attribute to compare with
    this.applyIfChanged(PostPublished, { publicationDate: "2026-11-20" });
  }
}

/** Compiled and never run. */
export async function misuses(command: AddPost, event: PostPublished, money: Money, id: string) {
  new AddPost({ authorAggregateId: id, title: "Hello" });
  new AddPost({ authorAggregateId: id, title: "Hello", subtitle: "World", aggregateId: id, userId: "ben" });
  // @ts-expect-error missing
  new AddPost({ authorAggregateId: id });
  // @ts-expect-error nothing given
  new AddPost();
  // @ts-expect-error misspelt
  new AddPost({ authorAggregateId: id, titel: "Hello" });
  // @ts-expect-error not declared
  new AddPost({ authorAggregateId: id, title: "Hello", published: true });
  // @ts-expect-error of the wrong type
  new AddPost({ authorAggregateId: id, title: 5 });
  // @ts-expect-error null is no text
  new AddPost({ authorAggregateId: id, title: null });
  // @ts-expect-error undefined is no text either
  new AddPost({ authorAggregateId: id, title: undefined });
  // @ts-expect-error an optional value is not null
  new AddPost({ authorAggregateId: id, title: "Hello", subtitle: null });
  new AddPost({ authorAggregateId: id, title: "Hello", metadata: { requestId: id, attempt: 2 } });
  // @ts-expect-error metadata is flat
  new AddPost({ authorAggregateId: id, title: "Hello", metadata: { user: { id } } });
  // @ts-expect-error an envelope of the wrong type
  new AddPost({ authorAggregateId: id, title: "Hello", seenVersion: "5" });

  // @ts-expect-error not declared
  command.content;
  // @ts-expect-error does not change
  command.title = "Other";
  // @ts-expect-error does not change either
  command.aggregateId = id;
  // @ts-expect-error may be missing
  command.subtitle.length;
  // @ts-expect-error may be missing
  const version: number = command.seenVersion;

  AddPost.fromParams({}, { title: "Hello", userId: "ben" });
  // @ts-expect-error of the wrong type
  AddPost.fromParams({}, { title: 5 });
  // @ts-expect-error misspelt
  AddPost.fromParams({}, { titel: "Hello" });
  // @ts-expect-error of the wrong type
  AddPost.fromParams({}, { seenVersion: "5" });
  // @ts-expect-error not awaited
  AddPost.fromParams({}).title;

  new PublishPost({ aggregateId: id, publicationDate: "2026-11-20" });
  // @ts-expect-error no aggregate to publish
  new PublishPost({ publicationDate: "2026-11-20" });
  // @ts-expect-error it may be undefined
  new PublishPost({ aggregateId: command.userId, publicationDate: "2026-11-20" });
  // @ts-expect-error no aggregate to archive
  new ArchivePost({});
  new MovePost({ aggregateId: id, to: id });
  // @ts-expect-error no author to move it to
  new MovePost({ aggregateId: id });
  // @ts-expect-error an author is named by the id
  new MovePost({ aggregateId: id, to: { aggregateId: id } });
  PublishPost.fromParams({}, { aggregateId: id });
  // @ts-expect-error no aggregate to publish
  PublishPost.fromParams({});
  // @ts-expect-error no aggregate to publish
  PublishPost.fromParams({}, { publicationDate: "2026-11-20" });

  PublishPost.like();
  PublishPost.like({ publicationDate: "2026-11-20", userId: "ben" });
  // @ts-expect-error misspelt
  AddPost.like({ titel: "Hello" });
  // @ts-expect-error of the wrong type
  AddPost.like({ title: 5 });

  PostPublished.like();
  PostPublished.like({ publicationDate: "2026-11-20", aggregateId: id, createdAt: new Date() });
  // @ts-expect-error misspelt
  PostTitleChanged.like({ titel: "Hello" });
  // @ts-expect-error of the wrong type
  PostTitleChanged.like({ title: 5 });
  // @ts-expect-error always there
  PostTitleChanged.like({ title: undefined });

  // @ts-expect-error misspelt
  PostTitleChanged.of(id, { titel: "Hello" });
  // @ts-expect-error missing
  PostTitleChanged.of(id);
  // @ts-expect-error of the wrong type
  PostTitleChanged.of(id, { title: 5 });
  // @ts-expect-error null is no text
  PostTitleChanged.of(id, { title: null });
  // @ts-expect-error not declared
  PostAdded.of(id, { title: "Hello" });
  // @ts-expect-error of no aggregate
  PostAdded.of();
  // @ts-expect-error no day
  PostPublished.of(id, { publicationDate: "tomorrow" });
  // @ts-expect-error not declared
  event.title;
  // @ts-expect-error does not change
  event.publicationDate = "2026-11-20";
  // @ts-expect-error does not change
  event.sequenceNumber = 5;
  // @ts-expect-error may be missing
  event.note.length;

  new Money({ amount: "5", currency: "EUR" });
  // @ts-expect-error a decimal is no number
  new Money({ amount: 5, currency: "EUR" });
  // @ts-expect-error none of the words
  new Money({ amount: "5", currency: "GBP" });
  // @ts-expect-error missing
  new Money({ amount: "5" });
  // @ts-expect-error does not change
  money.amount = "6";
  // @ts-expect-error plain values are no value object
  const plain: Money = { amount: "5", currency: "EUR" };

  on(PostTitleChanged, (each) => each.title);
  // @ts-expect-error not declared
  on(PostTitleChanged, (each) => each.titel);
  // @ts-expect-error not common to both
  on([PostTitleChanged, PostAdded], (each) => each.title);

  return [version, plain];
}

export function reservedNames() {
  // @ts-expect-error every command has one
  Command("Bad", { aggregateId: uuid() });
  // @ts-expect-error every command has one
  Command("Bad", { commandId: uuid() });
  // @ts-expect-error every command has one
  Command("Bad", { metadata: string() });
  // @ts-expect-error every command has one
  Command("Bad", { userId: uuid() });
  // @ts-expect-error every command has one
  Command("Bad", { seenVersion: integer() });
  // @ts-expect-error every command has one
  Command("Bad", { createdAt: time() });
  // @ts-expect-error every command has one
  Command("Bad", { class: string() });
  // @ts-expect-error every command has one
  Command("Bad", { toJson: string() });
  // @ts-expect-error every event has one
  Event("Bad", { aggregateId: uuid() });
  // @ts-expect-error every event has one
  Event("Bad", { sequenceNumber: integer() });
  // @ts-expect-error every event has one
  Event("Bad", { createdAt: time() });
  // @ts-expect-error every event has one
  Event("Bad", { toJson: string() });
  // @ts-expect-error every value object has one
  ValueObject({ equals: string() });
  // @ts-expect-error a rule is no attribute
  Command("Bad", { title: notBlank });
  // @ts-expect-error an attribute is made by calling its function
  Command("Bad", { title: string });
  // @ts-expect-error the type of the aggregate is missing
  reference();
  // @ts-expect-error a reference names a type, not a class
  reference(Post);
  // @ts-expect-error one word at least
  oneOf();
  // @ts-expect-error a class without attributes is no value object
  object(Date);
}

export function moreReservedNames() {
  // @ts-expect-error every object has one
  Command("Bad", { toString: string() });
  // @ts-expect-error every object has one
  Event("Bad", { constructor: string() });
  // @ts-expect-error every command that makes an aggregate has one
  CreationCommand("Bad", { commandId: uuid() });
  // @ts-expect-error every command dates itself
  CreationCommand("Bad", { dateBy: time() });
  // @ts-expect-error every event has one
  Event("Bad", { class: string() });
  // @ts-expect-error every object has one
  AggregateRoot("Bad", { toString: string() });
  // A name that is reserved in one kind is free in another.
  Event("Good", { commandId: uuid(), userId: string(), version: integer(), equals: string() });
  Command("Good", { sequenceNumber: integer(), id: uuid(), state: string() });
  AggregateRoot("Good", { id: uuid(), version: integer(), state: string() });
  AggregateRoot("Good", { aggregateId: uuid(), createdAt: time(), sequenceNumber: integer() });
  ValueObject({ id: uuid(), aggregateId: uuid(), version: integer() });
}
