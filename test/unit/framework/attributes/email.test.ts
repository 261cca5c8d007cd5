import { describe, expect, test } from "vitest";
import { Command, CommandNotValid, Event, email } from "#sequent";
import { newId } from "#sequent/operations";

class Invite extends Command("EmailTestInvite", { email: email() }) {}
class Invited extends Event("EmailTestInvited", { email: email() }) {}

async function accepted(typed: string): Promise<string> {
  const command = await Invite.fromParams({ email: typed }, { aggregateId: newId() });
  return command.email;
}

test.each([
  ["ann@example.com", "ann@example.com"],
  [" Ann.Smith+blog@Example.COM ", "Ann.Smith+blog@example.com"],
  ["o'neil_&-co@mail.example.com", "o'neil_&-co@mail.example.com"],
  ["a=b/c@example.com", "a=b/c@example.com"],
  ["ann@m\u00fcnchen.de", "ann@xn--mnchen-3ya.de"],
  ["ann@\u212a.com", "ann@k.com"],
])("%s is an address", async (typed, stored) => {
  expect(await accepted(typed)).toBe(stored);
});

describe("not one address", () => {
  test.each([
    ['"ann"@example.com', "quoted"],
    ['"evil@evil.com x"@example.com', "quoted, with another address in it"],
    ['"ann\\"@evil.com"@example.com', "quoted, with a quotation mark in it"],
    ["ann@example.com\r\nBcc: eve@evil.com", "with a header of its own"],
    ["ann@example.com\neve@evil.com", "two lines"],
    ["ann@example.com\u2028eve@evil.com", "two lines of Unicode"],
    ["ann@example.com\u0085", "a line break of old"],
    ["ann\0@example.com", "with an end of its own"],
    ["ann@example.com, eve@evil.com", "a list"],
    ["ann@example.com,eve@evil.com", "a list"],
    ["ann@example.com;eve@evil.com", "a list of Outlook"],
    ["ann@example.com eve@evil.com", "a list without a comma"],
    ["friends: ann@example.com;", "a group"],
    ["ann(eve@evil.com)@example.com", "a comment"],
    ["ann@(eve)example.com", "a comment"],
    ["ann@example.com (Ann)", "a comment"],
    ["Ann <ann@example.com>", "a name"],
    ["<ann@example.com>", "brackets"],
    ["ann@example.com>", "half of them"],
    ["ann@evil.com@example.com", "two"],
    ["@evil.com,@b.com:ann@example.com", "a route"],
    ["ann%evil.com@example.com", "a route by a percent sign"],
    ["evil.com!ann@example.com", "a route by an exclamation mark"],
    ["ann\\@evil.com@example.com", "a backslash"],
    ["=?utf-8?q?eve=40evil.com=3e?=@example.com", "an encoded word"],
    ["ann@[127.0.0.1]", "a number for a domain"],
    ["ann@127.0.0.1", "a number for a domain"],
    ["ann@localhost", "no domain"],
    ["ann@example.com.", "a dot at the end"],
    ["ann@exam\u00adple.com", "a soft hyphen, which disappears on the way"],
    ["ann@exam\u2060ple.com", "an invisible mark"],
    ["ann@\u{1f4a9}.example.com", "a picture"],
    ["\uff41nn@example.com", "a wide letter"],
    ["ann\uff20example.com", "a wide at sign"],
    ["ann\u200b@example.com", "an invisible space"],
    ["mailto:ann@example.com", "a link"],
    ["ann@example.com?bcc=eve@evil.com", "a link's other addresses"],
  ])("%j: %s", async (typed) => {
    await expect(accepted(typed)).rejects.toThrow(CommandNotValid);
  });
});

test("an address that an older rule has let in is still loaded", () => {
  const invited = Invited.of(newId(), { email: '"ann"@example.com' });
  expect(invited.email).toBe('"ann"@example.com');
  const { email: attribute } = Invited.attributes;
  for (const stored of ['"ann"@example.com', "ann%b.com@example.com"])
    expect(attribute.fromJson(stored)).toBe(stored);
});
