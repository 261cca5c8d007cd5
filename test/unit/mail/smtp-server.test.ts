import { expect, test } from "vitest";
import { smtpServerOf } from "../../../src/mail/smtp-server.ts";

test.each([
  ["smtp://mail.example.com", "mail.example.com", 587, "required"],
  ["smtp://mail.example.com:25/", "mail.example.com", 25, "required"],
  ["smtp://Mail.Example.com?tls=off", "mail.example.com", 587, "off"],
  ["smtp://mail:1025?tls=off", "mail", 1025, "off"],
  ["smtps://mail.example.com", "mail.example.com", 465, "from the start"],
  ["smtps://localhost:4650", "localhost", 4650, "from the start"],
  ["smtp://localhost:1025", "localhost", 1025, "off"],
  ["smtp://mail.localhost", "mail.localhost", 587, "off"],
  ["smtp://127.0.0.53:25", "127.0.0.53", 25, "off"],
  ["smtp://[::1]:25", "::1", 25, "off"],
  ["smtp://localhost:1025?tls=required", "localhost", 1025, "required"],
  ["smtp://10.0.0.1", "10.0.0.1", 587, "required"],
  ["smtp://[2001:db8::1]", "2001:db8::1", 587, "required"],
  ["smtp://127.0.0.1.example.com", "127.0.0.1.example.com", 587, "required"],
  ["smtp://localhost.example.com", "localhost.example.com", 587, "required"],
])("%s", (url, host, port, tls) => {
  expect(smtpServerOf(url)).toEqual({ host, port, tls, login: undefined });
});

test("the user and the password are decoded", () => {
  expect(smtpServerOf("smtp://ann%40example.com:a%23b%2Fc%25:@mail.example.com")?.login).toEqual({
    user: "ann@example.com",
    password: "a#b/c%:",
  });
});

test.each([
  "mail.example.com",
  "http://mail.example.com",
  "smtp:mail.example.com",
  "smtp://",
  "smtp://user@mail.example.com",
  "smtp://:secret@mail.example.com",
  "smtp://user:50%@mail.example.com",
  "smtp://mail.example.com:99999",
  "smtp://mail.example.com/inbox",
  "smtp://mail.example.com#1",
  "smtp://mail.example.com?tls=no",
  "smtp://mail.example.com?tls=off&x=1",
  "smtp://mail.example.com?connectionTimeout=0",
  "smtps://mail.example.com?tls=off",
  "smtp://mail example.com",
  "smtp://m\u00e4il.example.com",
])("%s is refused", (url) => {
  expect(smtpServerOf(url)).toBeUndefined();
});
