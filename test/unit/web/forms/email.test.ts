import { expect, test } from "vitest";
import { AddCustomer } from "../../../fixtures/shop/customer/commands.ts";
import { cpuTime } from "../../../support/cpu.ts";

const emailOf = async (email: string) => (await AddCustomer.fromParams({ name: "Ada", email })).email;

test("an e-mail address is trimmed, and its domain is written as in DNS", async () => {
  expect(await emailOf("  ada@example.com ")).toBe("ada@example.com");
  expect(await emailOf("ada@\u0430pple.com")).toBe("ada@xn--pple-43d.com");
  expect(await emailOf("ada@b\u00fccher.example")).toBe("ada@xn--bcher-kva.example");
});

test("a letter that only looks like an ASCII letter becomes that letter, so the key is the same", async () => {
  expect(await emailOf("\u212aelvin@example.com")).toBe("Kelvin@example.com");
});

test("quotation marks, which would give a mailbox a second address, are refused with what to do", async () => {
  for (const email of ['"f"@example.com', '"a b"@example.com', '"Ada" <ada@example.com>']) {
    await expect(emailOf(email)).rejects.toMatchObject({
      errors: { email: ["must be written without quotation marks"] },
    });
  }
});

test("a domain that is too long is not converted, because that takes quadratic time", async () => {
  const letters = Array.from({ length: 40_000 }, (_, index) =>
    String.fromCodePoint(0x4e00 + (index % 20_000)),
  );
  const started = cpuTime();
  await expect(emailOf(`a@${letters.join("")}`)).rejects.toMatchObject({
    errors: { email: ["is not an e-mail address"] },
  });
  expect(cpuTime() - started).toBeLessThan(200);
});

test.each([
  "ada",
  "ada@",
  "ada@b",
  "@example.com",
  "a b@example.com",
  "ada@example.com\r\nBcc: eve@example.com",
  "ada@example.com, eve@example.com",
  "Ada <ada@example.com>",
  "\u0131@example.com",
  "ada\u202e@example.com",
  "ada\u200b@example.com",
  `${"a".repeat(65)}@example.com`,
  `a@${"b".repeat(250)}.com`,
])("%j is no e-mail address", async (email) => {
  await expect(emailOf(email)).rejects.toMatchObject({ errors: { email: [expect.any(String)] } });
});
