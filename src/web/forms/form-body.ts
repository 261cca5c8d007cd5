import { setImmediate as othersTurn } from "node:timers/promises";
import type { NextFunction, Request, RequestHandler, Response } from "express";
import { BadRequest, FormTooLarge, UnsupportedForm } from "../errors/http-errors.ts";

/** The sent fields: a text each, or a list if a field was sent more than once. Has no prototype. */
export type FormBody = Record<string, string | string[]>;

export interface FormLimits {
  /** The size as it is sent, where a line break takes six bytes (%0D%0A). */
  readonly mostBytes?: number;
  readonly mostFields?: number;
  /** A sentence for the page of a form that is too large, such as the limit of a field. */
  readonly advice?: string;
}

type Limits = Required<FormLimits>;

/**
 * All values that commands allow must fit. Slightly larger ones must reach the commands, too, because they put the message at the
 * field. A form that is too large is kept up to twice the limit, to be shown again. It is read up to four times the limit,
 * because a browser shows our answer only after it has sent everything.
 */
export const formLimits: Limits = { mostBytes: 512 * 1024, mostFields: 1_000, advice: "" };

/** How much is decoded before other requests have their turn. It takes a few milliseconds. */
const mostDecoded = 64 * 1024;

/** Reads forms only. Every request that may change something has a `req.body`. */
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
    res.setHeader("Connection", "close"); // do not wait for the rest of the request
    throw error;
  }
  next();
}

/** Reads the form into `req.body`, even a part of one that is too large. */
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

/** The whole body, or undefined if it is too large to be kept. */
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

/** Puts the fields into the form. Returns false if there are too many. */
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

/** Bytes that are not UTF-8 become U+FFFD here. Commands refuse it, so no text changes unnoticed. */
async function decode(text: string): Promise<string> {
  let decoded = "";
  for (let from = 0; from < text.length; ) {
    const to = endOfPiece(text, from + mostDecoded);
    // If an escape is wrong, such as a single "%", Node decodes other characters wrongly, too.
    const escaped = text.slice(from, to).replace(/[^\0-\x7f]+/g, encodeURIComponent);
    decoded += new URLSearchParams(`_=${escaped}`).get("_");
    if (to < text.length) await othersTurn();
    from = to;
  }
  return decoded;
}

/** A place to cut: not inside the escape of a byte, and not between the bytes of a character, which has at most four. */
function endOfPiece(text: string, wanted: number): number {
  if (wanted >= text.length) return text.length;
  if (/[\udc00-\udfff]/.test(text.charAt(wanted))) return wanted - 1;
  const isByte = (at: number) => /^%[\da-f]{2}/i.test(text.slice(at, at + 3)); // a "%" alone is no escape
  const isWithin = (at: number) => /^%[89ab]/i.test(text.slice(at, at + 2)) && isByte(at - 3);
  const end = [wanted - 1, wanted - 2].find(isByte) ?? wanted;
  // If all places seem to be inside a character, there are too many bytes for one character: so none of them is.
  return [end, end - 3, end - 6, end - 9].find((at) => !isWithin(at)) ?? end;
}
