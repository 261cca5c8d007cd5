import { expectTypeOf, test } from "vitest";
import {
  boolean,
  type CalendarDate,
  CreationCommand,
  date,
  decimal,
  Event,
  integer,
  list,
  object,
  oneOf,
  optional,
  text,
  time,
  ValueObject,
} from "#sequent";
import { newId } from "#sequent/operations";

class Money extends ValueObject({ amount: decimal() }) {}
class PostAdded extends Event("PostAdded") {}
class Everything extends CreationCommand("Everything", {
  text: text(),
  integer: integer(),
  boolean: boolean(),
  date: date(),
  time: time(),
  word: oneOf("draft", "published"),
  list: list(integer()),
  money: object(Money),
  maybe: optional(integer()),
}) {}

test("each attribute has its documented type", () => {
  expectTypeOf<Everything["text"]>().toEqualTypeOf<string>();
  expectTypeOf<Everything["integer"]>().toEqualTypeOf<number>();
  expectTypeOf<Everything["boolean"]>().toEqualTypeOf<boolean>();
  expectTypeOf<Everything["date"]>().toEqualTypeOf<CalendarDate>();
  expectTypeOf<Everything["time"]>().toEqualTypeOf<Date>();
  expectTypeOf<Everything["word"]>().toEqualTypeOf<"draft" | "published">();
  expectTypeOf<Everything["list"]>().toEqualTypeOf<readonly number[]>();
  expectTypeOf<Everything["money"]>().toEqualTypeOf<Money>();
  expectTypeOf<Everything["maybe"]>().toEqualTypeOf<number | undefined>();
  const ask = () => Everything.fromParams({});
  expectTypeOf(ask).returns.toEqualTypeOf<Promise<Everything>>();
  expectTypeOf(PostAdded.of(newId())).toEqualTypeOf<PostAdded>();
});
