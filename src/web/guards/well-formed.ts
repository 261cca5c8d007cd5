import type { NextFunction, Request, Response } from "express";
import { BadRequest, TooManyHeaders } from "../errors/http-errors.ts";

const mostHeaders = 100;

/**
 * Refuses requests that Node accepts but no browser sends. A proxy and this server may read such a request in different ways, and request
 * smuggling uses that.
 */
export function wellFormed(req: Request, _res: Response, next: NextFunction): void {
  if (req.rawHeaders.length > 2 * mostHeaders) throw new TooManyHeaders(`More than ${mostHeaders} headers.`);
  if (hostsOf(req) !== 1) throw new BadRequest("Not exactly one Host header.");
  if (!isPath(req.originalUrl)) throw new BadRequest("The address is not a path.");
  next();
}

function hostsOf({ rawHeaders }: Request): number {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === "host") hosts += 1;
  }
  return hosts;
}

/** A path of this server, in which every %XX is a byte of UTF-8 text without NUL. */
function isPath(url: string): boolean {
  if (!url.startsWith("/") || url.startsWith("//")) return false;
  const [path = ""] = url.split("?", 1);
  if (!path.includes("%")) return true;
  try {
    return !decodeURIComponent(path).includes("\0");
  } catch {
    return false;
  }
}
