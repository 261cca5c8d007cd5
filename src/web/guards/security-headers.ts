import type { RequestHandler } from "express";
import helmet from "helmet";

/** What browsers are told to refuse, on every answer. */
export function securityHeaders({
  publicUrl,
}: {
  readonly publicUrl?: string | undefined;
} = {}): RequestHandler[] {
  const ofHelmet = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy },
    // By default helmet sends no referrer at all; browsers then send "Origin: null" with our own forms as well.
    referrerPolicy: { policy: "same-origin" },
    // Only where it is certain that https works: a browser that was told so cannot go back for a year.
    strictTransportSecurity: publicUrl?.startsWith("https:")
      ? { maxAge: 365 * 24 * 60 * 60, includeSubDomains: true }
      : false,
    xFrameOptions: { action: "deny" },
  });
  const ours: RequestHandler = (_req, res, next) => {
    res.setHeader("Permissions-Policy", permissionsPolicy);
    next();
  };
  return [ofHelmet, ours];
}

const contentSecurityPolicy = {
  "default-src": "'none'",
  "style-src": "'self'",
  "img-src": "'self'",
  "script-src": "'self'",
  "connect-src": "'self'",
  "form-action": "'self'",
  "base-uri": "'none'",
  "object-src": "'none'",
  "frame-ancestors": "'none'",
};

/** A blog needs nothing of what a browser could give it. */
const permissionsPolicy = (
  "accelerometer browsing-topics camera display-capture geolocation gyroscope magnetometer microphone midi payment " +
  "publickey-credentials-get usb"
)
  .split(" ")
  .map((feature) => `${feature}=()`)
  .join(", ");
