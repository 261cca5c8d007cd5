import type { RequestHandler } from "express";
import helmet from "helmet";

/** Headers on every answer that tell browsers what to refuse. */
export function securityHeaders({
  publicUrl,
}: {
  readonly publicUrl?: string | undefined;
} = {}): RequestHandler[] {
  const ofHelmet = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy },
    // By default helmet sends no referrer. Then browsers send "Origin: null" with our own forms, too.
    referrerPolicy: { policy: "same-origin" },
    // Only if https certainly works: a browser with this header cannot go back for a year.
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

/** Features of browsers that a blog does not need. */
const permissionsPolicy = (
  "accelerometer browsing-topics camera display-capture geolocation gyroscope magnetometer microphone midi payment " +
  "publickey-credentials-get usb"
)
  .split(" ")
  .map((feature) => `${feature}=()`)
  .join(", ");
