import { modules, projectors, subscriptionsOf, workflowsOf } from "../blog.ts";
import { type Checked, examine } from "../doctor/examine.ts";
import { command } from "./command.ts";
import { withAnyDatabase } from "./with-database.ts";

const help = `npm run doctor

Checks the database and the wiring of the blog. It names each problem, and the command that corrects it: migrations, the log,
views, commands and events without a handler, erasures and replays that were stopped, subscriptions
that are late or have parked something, settings and transactions of the server, the role of the running blog. It changes nothing, and ends with 1 if there is a problem.

  --json  one list, for another program

The database is DATABASE_URL or, without it, the embedded one in DATA_DIR. See .env.example.`;

await command(
  help,
  ({ values }) =>
    withAnyDatabase(async (database, settings) => {
      const findings = await examine({
        knex: database.patient,
        isServer: settings.databaseUrl !== undefined,
        ...{
          modules,
          projectors,
          workflows: workflowsOf(database),
          subscriptions: subscriptionsOf({ ...database, broker: settings.broker }),
        },
        webRole: "sequent_blog_web",
        patience: 60,
      });
      if (values.json) console.log(JSON.stringify(findings, null, 2));
      else for (const finding of findings) console.log(lineOf(finding));
      if (findings.some(({ level }) => level === "problem")) process.exitCode = 1;
    }),
  { options: { json: { type: "boolean" } } },
);

function lineOf({ level, check, what, mend }: Checked): string {
  return `${level.padEnd(8)} ${check}: ${what}${mend ? `\n         → ${mend}` : ""}`;
}
