import { setImmediate as othersTurn } from "node:timers/promises";
import type { NextFunction, Request, Response } from "express";
import { BadRequest, FormTooLarge, UnsupportedForm } from "./http-errors.ts";

/** What was sent: a text for each field, or a list where a field was sent more than once. Has no prototype. */
export type Form = Record<string, string | string[]>;

/**
 * A post of 64 KB is 384 KB on its way when each of its bytes is a line break (%0D%0A). What the commands allow must
 * fit, and what is a little more must reach them, since they say what is wrong and keep what was typed.
 */
export const mostBytes = 512 * 1024;
const mostFields = 20;
/** The longest takes some 10 ms to parse and as long again to be answered, so others have their turn in between. */
const longForm = 64 * 1024;

/** Reads forms, and nothing else: `req.body` is there for every request that may change something. */
export function formBody(req: Request, res: Response, next: NextFunction): void | Promise<void> {
  if (req.method === "GET" || req.method === "HEAD" || req.method === "OPTIONS") return next();
  return takeBody(req, res, next);
}

async function takeBody(req: Request, res: Response, next: NextFunction): Promise<void> {
  try {
    req.body = hasBody(req) ? await readForm(req) : Object.create(null);
  } catch (error) {
    res.setHeader("Connection", "close"); // what may still be on its way is not waited for
    throw error;
  }
  next();
}

async function readForm(req: Request): Promise<Form> {
  if (!isForm(req.headers["content-type"]) || !isPlain(req.headers["content-encoding"])) {
    throw new UnsupportedForm("Not application/x-www-form-urlencoded in UTF-8.");
  }
  const text = await readText(req);
  const form = parseForm(text);
  if (text.length > longForm) await othersTurn();
  return form;
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

/**
 * All of the body. One that is a little too large is read to its end all the same, for a browser shows our answer only
 * after it has sent everything; it is not kept.
 */
function readText(req: Request): Promise<string> {
  if (Number(req.headers["content-length"] ?? 0) > 4 * mostBytes) throw new FormTooLarge();
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let length = 0;
    const stop = () => req.off("data", take).off("end", finish).off("close", abort);
    const fail = (error: Error) => {
      chunks = [];
      stop().pause();
      reject(error);
    };
    const take = (chunk: Buffer) => {
      length += chunk.length;
      if (length <= mostBytes) chunks.push(chunk);
      else if (length > 4 * mostBytes) fail(new FormTooLarge());
      else chunks = [];
    };
    const finish = () => {
      if (length > mostBytes) return fail(new FormTooLarge());
      stop();
      resolve(Buffer.concat(chunks).toString());
    };
    const abort = () => fail(new BadRequest("The request ended before the form did."));
    req.on("data", take).on("end", finish).on("close", abort).on("error", abort);
  });
}

/** Bytes that are not UTF-8 become U+FFFD here, which no text of a command may contain: nothing changes unseen. */
function parseForm(text: string): Form {
  const form: Form = Object.create(null);
  let fields = 0;
  // Without the "&", URLSearchParams would drop a question mark at the beginning.
  for (const [name, value] of new URLSearchParams(`&${text}`)) {
    fields += 1;
    if (fields > mostFields) throw new FormTooLarge(`More than ${mostFields} fields.`);
    const before = form[name];
    form[name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  }
  return form;
}
