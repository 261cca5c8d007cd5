import { domainOf, eventsNobodyTakes, GivenEvents, rows, wiringProblems } from "#sequent/operations";
import { type Check, orOk, problem, warning } from "./finding.ts";

/** Parts that do not fit together, and stored messages that cannot be read. */
export const handlers: Check = async (patient) => {
  const { knex, modules } = patient;
  const findings = wiringProblems(patient).map((what) => problem(what));
  for (const { type } of eventsNobodyTakes(patient))
    findings.push(warning(`no aggregate, projector or workflow takes the event ${type}`));

  const { eventTypes, commandClasses } = domainOf(modules);
  const events = await rows<Stored>(knex, "select distinct event_type as type from sequent_schema.events");
  for (const type of unknown(events, eventTypes.classes))
    findings.push(
      problem(
        `no class is known for the stored event ${type}`,
        "export its class from the events.ts of a module that src/blog.ts lists",
      ),
    );
  const commands = await rows<Stored>(
    knex,
    "select distinct command_type as type from sequent_schema.commands",
  );
  for (const type of unknown(commands, [...commandClasses, GivenEvents]))
    findings.push(
      warning(
        `no class is known for the stored command ${type}, so its personal data is not erased`,
        "export its class from the commands.ts of a module that src/blog.ts lists",
      ),
    );
  return orOk(findings, "every command and event has a class and a handler");
};

interface Stored {
  readonly type: string;
}

function unknown(stored: readonly Stored[], classes: readonly { type: string }[]): string[] {
  return stored.map(({ type }) => type).filter((type) => !classes.some((each) => each.type === type));
}
