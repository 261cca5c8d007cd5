import { startWorker } from "../server/worker.ts";
import { readSettings } from "../settings.ts";
import { command } from "./command.ts";

const help = `npm run worker

Runs the subscriptions without the pages: what happens after the commit, such as sending mails. "npm start" runs them, too. To leave
them to workers, start it with SUBSCRIPTIONS=none. Several workers share the work, and take over from one that has ended.

It first brings the database up to date. Ctrl-C stops it. Its settings are in the environment or in .env, as in
SUBSCRIPTIONS=WelcomeMails. See .env.example.`;

await command(help, () => startWorker(readSettings()));
