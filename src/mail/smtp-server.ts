import { isIPv6 } from "node:net";

/** A mail server, and how to talk to it. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /**
   * `from the start` (smtps), or `required`: the connection is encrypted before anything is said, or nothing is sent. `off`: readable
   * by everybody on the way.
   */
  readonly tls: "from the start" | "required" | "off";
  readonly login: { readonly user: string; readonly password: string } | undefined;
}

/**
 * The mail server of a URL such as `smtp://user:password@mail.example.com:587`. With `smtp://`, TLS is required, except on this
 * machine; `?tls=off` and `?tls=required` say otherwise. Undefined if the URL cannot be used.
 */
export function smtpServerOf(url: string): SmtpServer | undefined {
  if (!/^smtps?:\/\/\S+$/.test(url) || !URL.canParse(url)) return undefined;
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(url);
  const isSecure = protocol === "smtps:";
  const host = hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  const [, asked] = /^\?tls=(off|required)$/.exec(search) ?? [];
  const isUnderstood = /^\/?$/.test(pathname) && hash === "" && (search === "" || (asked && !isSecure));
  if (!isUnderstood || !(isIPv6(host) || /^[\w.-]+$/.test(host))) return undefined;
  if ((username === "") !== (password === "")) return undefined;
  try {
    return {
      host,
      port: Number(port) || (isSecure ? 465 : 587),
      tls: isSecure ? "from the start" : ((asked as "off" | "required" | undefined) ?? usualTls(host)),
      login:
        username === ""
          ? undefined
          : { user: decodeURIComponent(username), password: decodeURIComponent(password) },
    };
  } catch {
    return undefined; // a % that encodes nothing
  }
}

/** Nobody listens between two programs of one machine, and a mail server there rarely has a certificate. */
function usualTls(host: string): "off" | "required" {
  const isThisMachine = /^localhost$|\.localhost$|^127(\.\d{1,3}){3}$|^::1$/.test(host);
  return isThisMachine ? "off" : "required";
}
