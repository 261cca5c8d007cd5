import { isIP } from "node:net";
import { hostname } from "node:os";
import type { NextFunction, Request, RequestHandler, Response } from "express";
import { UnknownHost } from "../errors/http-errors.ts";

/**
 * Answers only to the names that are ours. A page of somebody else can point a name of its own at this server (DNS
 * rebinding) and would then pass for the same site as our pages.
 *
 * With PUBLIC_URL that is its host alone. Without it the blog must simply work on a laptop and on the network at
 * home, so it answers to what no outsider can point anywhere: addresses, this machine's name, names without a dot and
 * those that end as only local ones do.
 */
export function knownHost({ publicUrl }: { readonly publicUrl?: string | undefined } = {}): RequestHandler {
  const isKnown = publicUrl === undefined ? isNearby : isHostOf(new URL(publicUrl));
  return (req: Request, _res: Response, next: NextFunction) => {
    if (isKnown(hostOf(req))) return next();
    next(
      new UnknownHost(
        publicUrl === undefined
          ? "This blog does not know its own name yet. To serve it under this one, set PUBLIC_URL=https://the.name"
          : `This blog is at ${publicUrl}`,
      ),
    );
  };
}

/**
 * The host name of the request, from the Host header. Not from X-Forwarded-Host, which `req.host` reads behind a proxy:
 * a page can send that header, and a proxy that does not set it passes it on.
 */
export function hostOf(req: Request<unknown>): string {
  return req.headers.host ?? "";
}

function isHostOf({ protocol, host }: URL): (host: string) => boolean {
  return (asked) => parsed(protocol, asked)?.host === host;
}

const localName = /^[^.]+$|\.(?:localhost|local|lan|internal|home\.arpa)$/;
const machine = hostname().toLowerCase();

function isNearby(host: string): boolean {
  const name = parsed("http:", host)?.hostname.replace(/^\[(.*)\]$/, "$1");
  return name !== undefined && (name === machine || isIP(name) !== 0 || localName.test(name));
}

/** A name, perhaps with a port, and nothing else of what an address may have. */
function parsed(protocol: string, host: string): URL | undefined {
  const address = `${protocol}//${host}`;
  return /^[\w.:[\]-]+$/.test(host) && URL.canParse(address) ? new URL(address) : undefined;
}
