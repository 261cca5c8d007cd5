import { setImmediate as othersTurn } from "node:timers/promises";
import type { NextFunction, Request, RequestHandler, Response } from "express";
import { BadRequest, FormTooLarge, UnsupportedForm } from "../errors/http-errors.ts";

/** What was sent: a text for each field, or a list where a field was sent more than once. Has no prototype. */
export type FormBody = Record<string, string | string[]>;

export interface FormLimits {
  /** As it is sent: a line break takes six bytes then (%0D%0A). */
  readonly mostBytes?: number;
  readonly mostFields?: number;
  /** A sentence for whoever sent too much, such as what may be typed where. */
  readonly advice?: string;
}

type Limits = Required<FormLimits>;

/**
 * What the commands allow must fit, and what is a little more must reach them, since they say what is wrong at the field.
 * Of a form that is too large, up to twice as much is kept, to be shown again; it is read up to four times as much, for a
 * browser shows our answer only after it has sent everything.
 */
export const formLimits: Limits = { mostBytes: 512 * 1024, mostFields: 1_000, advice: "" };

/** As much as is decoded before others have their turn: it takes a few milliseconds. */
const mostDecoded = 64 * 1024;

/** Reads forms, and nothing else: `req.body` is there for every request that may change something. */
export function formBody(given: FormLimits = {}): RequestHandler {
  const limits = { ...formLimits, ...given };
  return (req, res, next) => {
    if (req.method === "GET" || req.method === "HEAD" || req.method === "OPTIONS") return next();
    return takeBody(req, res, next, limits);
  };
}

async function takeBody(req: Request, res: Response, next: NextFunction, limits: Limits): Promise<void> {
  req.body = Object.create(null);
  try {
    if (hasBody(req)) await readForm(req, limits);
  } catch (error) {
    res.setHeader("Connection", "close"); // what may still be on its way is not waited for
    throw error;
  }
  next();
}

/** Into `req.body`, also what is too much, as far as it is kept. */
async function readForm(req: Request, limits: Limits): Promise<void> {
  if (!isForm(req.headers["content-type"]) || !isPlain(req.headers["content-encoding"])) {
    throw new UnsupportedForm("Not application/x-www-form-urlencoded in UTF-8.");
  }
  const { mostBytes, mostFields, advice } = limits;
  const bytes = await readBytes(req, mostBytes);
  if (bytes === undefined) throw new FormTooLarge("bytes", mostBytes, { advice, isKept: false });
  const isComplete = await parseForm(bytes.toString(), req.body, mostFields);
  if (bytes.length > mostDecoded) await othersTurn();
  if (bytes.length > mostBytes) throw new FormTooLarge("bytes", mostBytes, { advice, isKept: true });
  if (!isComplete) throw new FormTooLarge("fields", mostFields, { advice, isKept: true });
}

function hasBody({ headers }: Request): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function isForm(contentType: string | undefined): boolean {
  const form = /^application\/x-www-form-urlencoded[ \t]*(?:;[ \t]*charset="?utf-?8"?[ \t]*)?;?$/i;
  return contentType !== undefined && form.test(contentType);
}

function isPlain(encoding: string | undefined): boolean {
  return encoding === undefined || encoding.toLowerCase() === "identity";
}

/** All of the body, or undefined where it is too much to be kept. */
function readBytes(req: Request, most: number): Promise<Buffer | undefined> {
  const [mostKept, mostRead] = [2 * most, 4 * most];
  if (Number(req.headers["content-length"] ?? 0) > mostRead) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let length = 0;
    const stop = () => req.off("data", take).off("end", finish).off("close", abort);
    const take = (chunk: Buffer) => {
      length += chunk.length;
      if (length <= mostKept) chunks.push(chunk);
      else chunks = [];
      if (length > mostRead) {
        stop().pause();
        resolve(undefined);
      }
    };
    const finish = () => {
      stop();
      resolve(length > mostKept ? undefined : Buffer.concat(chunks));
    };
    const abort = () => {
      chunks = [];
      stop().pause();
      reject(new BadRequest("The request ended before the form did."));
    };
    req.on("data", take).on("end", finish).on("close", abort).on("error", abort);
  });
}

/** Puts the fields into the form; false if there are more than it may have. */
async function parseForm(text: string, form: FormBody, most: number): Promise<boolean> {
  const pairs = text.split("&", most + 1);
  let decoded = 0;
  for (const pair of pairs.slice(0, most)) {
    if (pair === "") continue;
    const [, name = "", value = ""] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
    add(form, await decode(name), await decode(value));
    decoded += pair.length;
    if (decoded > mostDecoded) await othersTurn();
    if (decoded > mostDecoded) decoded = 0;
  }
  return pairs.length <= most;
}

function add(form: FormBody, name: string, value: string): void {
  const before = form[name];
  if (before === undefined) form[name] = value;
  else if (Array.isArray(before)) before.push(value);
  else form[name] = [before, value];
}

/** Bytes that are not UTF-8 become U+FFFD here, which no text of a command may contain: nothing changes unseen. */
async function decode(text: string): Promise<string> {
  let decoded = "";
  for (let from = 0; from < text.length; ) {
    const to = endOfPiece(text, from + mostDecoded);
    // Node decodes a character that nobody escaped to another one where an escape is wrong, such as "%" alone.
    const escaped = text.slice(from, to).replace(/[^\0-\x7f]+/g, encodeURIComponent);
    decoded += new URLSearchParams(`_=${escaped}`).get("_");
    if (to < text.length) await othersTurn();
    from = to;
  }
  return decoded;
}

/** Not within the escape of a byte, and not between the bytes of a character, of which there are four at the most. */
function endOfPiece(text: string, wanted: number): number {
  if (wanted >= text.length) return text.length;
  if (/[\udc00-\udfff]/.test(text.charAt(wanted))) return wanted - 1;
  const isByte = (at: number) => /^%[\da-f]{2}/i.test(text.slice(at, at + 3)); // a "%" alone is no escape
  const isWithin = (at: number) => /^%[89ab]/i.test(text.slice(at, at + 2)) && isByte(at - 3);
  const end = [wanted - 1, wanted - 2].find(isByte) ?? wanted;
  // Where all of them would stand within a character, there are too many for one: none of them does.
  return [end, end - 3, end - 6, end - 9].find((at) => !isWithin(at)) ?? end;
}
