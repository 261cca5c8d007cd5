import { describe, expect, test } from "vitest";
import {
  attributesFrom,
  attributesIn,
  declarationOf,
  importsOf,
} from "../../../tools/generate/attributes.ts";

const declared = (withRules: boolean, ...words: string[]) => declarationOf(attributesFrom(words), withRules);

describe("an attribute of the command line is declared", () => {
  test.each([
    ["name:string", "name: string()"],
    ["name:string()", "name: string()"],
    ["name:string(notBlank,maxLength(80))", "name: string(notBlank, maxLength(80))"],
    ["name: string( notBlank )", "name: string(notBlank)"],
    ["content:text(maxBytes(64 * 1024))", "content: text(maxBytes(64 * 1024))"],
    ["pieces:integer(atLeast(1),atMost(1_000))", "pieces: integer(atLeast(1), atMost(1_000))"],
    ["state:oneOf(draft,published)", 'state: oneOf("draft", "published")'],
    ['state:oneOf("draft","in work")', 'state: oneOf("draft", "in work")'],
    ["ownerId:reference(Person)", 'ownerId: reference("Person")'],
    ["home:object(Address)", "home: object(Address)"],
    ["tags:list(string(notBlank))", "tags: list(string(notBlank))"],
    ["email:optional(personal(email))", "email: optional(personal(email()))"],
  ])("%s", (word, code) => {
    expect(declared(true, word)).toBe(`, { ${code} }`);
  });
});

test("in an event, attributes have no rules, and a reference is a plain id", () => {
  expect(declared(false, "name:optional(string(maxLength(80)))", "ownerIds:list(reference(Person))")).toBe(
    ", { name: optional(string()), ownerIds: list(uuid()) }",
  );
});

test("a declaration imports its types and its rules, and no words inside texts", () => {
  const attributes = attributesFrom(["a:list(string(notBlank))", "b:oneOf(date,time)", "c:object(Address)"]);
  expect(importsOf(attributes, true)).toEqual(["list", "string", "notBlank", "oneOf", "object"]);
  expect(importsOf(attributes, false)).toEqual(["list", "string", "oneOf", "object"]);
});

describe("an impossible attribute is refused, and the message says what to do", () => {
  test.each([
    ["name", "name has no type. Write name:string"],
    ["Name:string", "the first one small"],
    ["first-name:string", '"first-name" is no name'],
    ["class:string", "JavaScript has this word"],
    ["userId:string", "a command has it by itself. Give the attribute another name."],
    ["sequenceNumber:integer", "an event has it by itself. Give the attribute another name."],
    ["toString:string", "every object of JavaScript has it"],
    ["price:money", "Use decimal"],
    ["price:number", "The types: string, text"],
    ["name:string(", "brackets"],
    ["name:string(notBlank", "brackets"],
    ["name:string(atLeast(3))", '"atLeast(3)" is no rule for string. Its rules here: notBlank'],
    ["name:string(maxLength)", "maxLength needs a number, as in maxLength(80)"],
    ["name:string(notBlank(3))", '"notBlank(3)" is no rule'],
    ["name:string(isbn)", "by hand in commands.ts"],
    ["name:string(minLength(9),maxLength(3))", "No string can be at least 9 and at most 3"],
    ["id:uuid(notBlank)", "It takes none here"],
    ["state:oneOf", "oneOf needs its words"],
    ["state:oneOf(a,a)", "has a word twice"],
    ["ownerId:reference", "reference needs one name"],
    ["home:object(address)", '"address" cannot stand in object'],
    ["name:optional", "optional needs a type in it"],
    ["name:optional(optional(string))", "Once is enough"],
    ["tags:list(optional(string))", "A list cannot hold optional values"],
    ["tags:list(list(string))", "Once is enough"],
    ["codes:list(secret)", "A list cannot hold secrets"],
    ["code:personal(secret)", "leave personal out"],
    ["age:personal(integer)", "personal marks a text, not integer"],
  ])("%s", (word, message) => {
    expect(() => attributesFrom([word])).toThrow(message);
  });

  test("two with one name", () => {
    expect(() => attributesFrom(["a:string", "a:date"])).toThrow('two attributes named "a"');
  });
});

describe("the declarations of a person in a file are read", () => {
  test("with constants, comments and rules of their own", () => {
    const file = `const title = string(notBlank, isbn); // ; }
`;
    const attributes = attributesIn(
      "{ title, /* a, b */ at: optional(time((chain) => chain.isISO8601(), later)) }",
      file,
    );
    expect(attributes.map(({ name, type }) => [name, type.word, type.of?.word])).toEqual([
      ["title", "string", undefined],
      ["at", "optional", "time"],
    ]);
  });

  test("and unknown ones are no mistake", () => {
    expect(attributesIn("{ a: myOwn(), ...others }", "").map(({ type }) => type.word)).toEqual(["?", "?"]);
  });
});
