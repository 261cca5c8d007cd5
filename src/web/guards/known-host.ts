import { isIP } from "node:net";
import { hostname } from "node:os";
import type { NextFunction, Request, RequestHandler, Response } from "express";
import { UnknownHost } from "../errors/http-errors.ts";

/**
 * Answers only to the host names of this blog. Another site can let one of its names point to this server (DNS rebinding).
 * Then its pages would count as pages of the same site.
 *
 * With PUBLIC_URL, the only name is its host. Without it, the blog must work on a laptop and in a home network. So it answers to
 * names that no outsider can let point here: addresses, the name of this machine, names without a dot, and names with a
 * local ending.
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
 * The host name of the request, from the Host header. Not from X-Forwarded-Host, which `req.host` reads behind a proxy: a client can
 * send that header, and many proxies pass it on.
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

/** A name, perhaps with a port, and nothing else. */
function parsed(protocol: string, host: string): URL | undefined {
  const address = `${protocol}//${host}`;
  return /^[\w.:[\]-]+$/.test(host) && URL.canParse(address) ? new URL(address) : undefined;
}
