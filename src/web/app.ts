import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import express, { type Express, Router } from "express";
import type { Clock, Messages } from "#sequent/operations";
import type { Mailbox } from "../mail/mail.ts";
import type { Questions } from "../projections/queries.ts";
import type { SearchService } from "../search/search-service.ts";
import { errorPages, pageNotFound } from "./errors/error-pages.ts";
import { type FormLimits, formBody } from "./forms/form-body.ts";
import { Forms } from "./forms/forms.ts";
import { knownHost } from "./guards/known-host.ts";
import { type Limit, type RateLimitStore, rateLimit } from "./guards/rate-limit.ts";
import { sameOrigin } from "./guards/same-origin.ts";
import { securityHeaders } from "./guards/security-headers.ts";
import { wellFormed } from "./guards/well-formed.ts";
import { createLog, type Logger } from "./logging/log.ts";
import { type Commands, RequestLog } from "./logging/request-log.ts";
import { OwnWrites, type Primary } from "./own-writes.ts";
import { accountRoutes } from "./pages/account.ts";
import { authorRoutes, signUps } from "./pages/authors.ts";
import { feedRoutes } from "./pages/feed.ts";
import { Flashes } from "./pages/flash.ts";
import { healthRoutes } from "./pages/health.ts";
import { homeRoutes } from "./pages/home.ts";
import { mailboxRoutes } from "./pages/mailbox.ts";
import { type MetricsOptions, metricsRoutes } from "./pages/metrics.ts";
import { pages } from "./pages/pages.ts";
import { postRoutes } from "./pages/posts.ts";
import type { PageRoutes } from "./pages/resources.ts";
import { searchRoutes } from "./pages/search.ts";
import { assetRoutes } from "./rendering/assets.ts";
import { KeptPages } from "./rendering/kept-pages.ts";
import { Rendering } from "./rendering/rendering.ts";
import { renderTemplate } from "./rendering/templates.ts";
import { signIns } from "./sign-in/mail-limits.ts";
import { SignIn, type SignInOptions } from "./sign-in/sign-in.ts";
import { signInErrors, signInRoutes } from "./sign-in/sign-in-routes.ts";

/** Everything that the pages need. The program that starts them passes it. */
export interface AppOptions {
  readonly commandService: Commands;
  readonly queries: Questions;
  /** Required if `queries` reads from a replica: after a form, people read from the primary. */
  readonly primary?: Primary | undefined;
  /** The address of the blog, such as `https://blog.example.com`, for absolute links. */
  readonly publicUrl?: string | undefined;
  /** How many proxies are in front. Their headers about the client are believed. */
  readonly trustProxy?: number;
  /** Signs cookies. All processes need the same one. By default each makes its own. */
  readonly sessionSecret?: string;
  /** By default there is no log. */
  readonly log?: Logger;
  /** Counts forms, to limit them. By default there is no limit. */
  readonly rateLimits?: RateLimitStore | undefined;
  /** Lets people sign in. Without it, everybody may send every form. */
  readonly signIn?: SignInOptions | undefined;
  /** Takes the personal values of a closed account out of the past, or returns false. By default it leaves that to somebody else. */
  readonly finishErasure?: (accountId: string) => Promise<boolean>;
  /** The messages at the fields of forms in another language, by their codes: see `messagesIn`. */
  readonly messages?: Messages;
  /** How large a form may be. */
  readonly formLimits?: FormLimits;
  readonly isReady?: () => Promise<boolean>;
  /** Shown at `/metrics`. By default there is no such page. */
  readonly metrics?: MetricsOptions | undefined;
  /** Gives the day of a publication. By default, the clock of the machine. */
  readonly clock?: Clock;
  /** Finds posts by their words. Without it, there is no search. */
  readonly search?: SearchService | undefined;
  /** Shown at `/dev/mailbox`. Only while you develop. */
  readonly mailbox?: Mailbox | undefined;
  /** True to show errors of the program on their page. Only while you develop. */
  readonly showErrors?: boolean;
}

const limits: readonly Limit[] = [
  { name: "commands", most: 60, seconds: 60, counts: () => true },
  signUps,
  signIns,
];

/** The pages. Each gets the same parts. */
const pageRoutes: readonly PageRoutes[] = [
  homeRoutes,
  authorRoutes,
  postRoutes,
  feedRoutes,
  searchRoutes,
  accountRoutes,
];

/** All pages. A request passes from top to bottom. The app does not listen by itself. */
export function createApp({
  trustProxy = 0,
  sessionSecret: secret = randomBytes(32).toString("hex"),
  log: logger = createLog({ level: "silent" }),
  isReady = async () => true,
  showErrors = false,
  clock = () => new Date(),
  rateLimits,
  formLimits,
  messages,
  mailbox,
  metrics,
  search,
  publicUrl,
  commandService,
  queries,
  primary,
  signIn: signInOptions,
  finishErasure = async () => false,
}: AppOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("trust proxy", trustProxy);
  app.set("query parser", "simple");
  app.set("views", fileURLToPath(new URL("../../views", import.meta.url)));
  app.engine("ejs", renderTemplate);
  app.set("view engine", "ejs");
  app.enable("view cache");

  const log = new RequestLog(logger);
  const rendering = new Rendering();
  const flashes = new Flashes({ secret, publicUrl });
  const ownWrites = primary && new OwnWrites(primary, { secret, publicUrl });
  const watched = log.watched(commandService);
  const signIn =
    signInOptions && new SignIn({ ...signInOptions, commandService: watched, rateLimits, secret, publicUrl });
  const forms = new Forms({ log, flashes, ownWrites, messages, keptForms: signIn?.keptForms });

  app.use(log.handler({ trustProxy }));
  app.use(securityHeaders({ publicUrl }));
  app.use(wellFormed);
  app.use(healthRoutes({ isReady }));
  if (metrics) app.use(metricsRoutes(metrics));
  app.use(knownHost({ publicUrl }));
  app.use(assetRoutes(app));
  app.use(pages(app, { publicUrl, excerptOf: rendering.excerptOf }));
  app.use(formBody({ advice: "A text may have 64 KB.", ...formLimits })); // first, so nothing typed is lost if one of the next refuses
  if (signIn) app.use(signIn.sessions.handler);
  app.use(sameOrigin({ publicUrl }));
  if (rateLimits) app.use(rateLimit({ store: rateLimits, secret, limits }));
  app.use(flashes.handler);
  app.locals["hasMailbox"] = mailbox !== undefined;
  app.locals["hasSearch"] = search !== undefined;
  if (mailbox) app.use(mailboxRoutes({ forms, mailbox }));
  if (signIn) app.use(signInRoutes({ signIn, forms, flashes, log }));

  const shared = {
    commandService: watched,
    forms,
    rendering,
    clock,
    publicUrl,
    signIn,
    finishErasure,
    search,
  };
  const routesOn = (queries: Questions): Router => {
    const router = Router();
    const parts = { ...shared, queries, kept: new KeptPages(queries) };
    for (const routes of pageRoutes) router.use(routes(parts));
    return router;
  };
  const routes = routesOn(queries);
  app.use(primary && ownWrites ? ownWrites.choose(routes, routesOn(primary.queries)) : routes);

  app.use(pageNotFound);
  if (signIn) app.use(signInErrors({ signIn, forms, flashes, log }));
  app.use(errorPages({ forms, log, showErrors }));
  return app;
}
