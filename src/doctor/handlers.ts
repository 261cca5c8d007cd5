import { AggregateRepository, type EventStore, type Persistor } from "../framework/index.ts";
import { type Check, type Finding, orOk } from "./finding.ts";

/** What nobody takes, and what is stored but cannot be read. */
export const handlers: Check = async (patient) => {
  const { knex, eventTypes, commandClasses, commandHandlers, aggregates, projectors, workflows } = patient;
  const findings: Omit<Finding, "check">[] = [];
  const noContext = { executeCommands() {}, afterCommit() {} };
  // They are made to be asked what they take; none of them is run.
  const commandTakers = commandHandlers.map((each) => new each(new AggregateRepository({} as EventStore)));
  const eventTakers = [
    ...aggregates.map((each) => new each("")),
    ...projectors.map((each) => new each({} as Persistor)),
    ...workflows.map((each) => new each(noContext)),
  ];

  for (const commandClass of commandClasses.filter((each) => !isTaken(each, commandTakers)))
    findings.push({
      level: "problem",
      what: `no command handler takes ${commandClass.type}`,
      mend: "list its command handler in src/blog.ts",
    });
  for (const { type } of eventTypes.classes.filter((each) => !isTaken(each, eventTakers)))
    findings.push({ level: "warning", what: `no aggregate, projector or workflow takes the event ${type}` });

  const { rows: events } = await knex.raw("select distinct event_type as type from sequent_schema.events");
  for (const type of unknown(events, eventTypes.classes))
    findings.push({
      level: "problem",
      what: `no class is known for the stored event ${type}`,
      mend: "export its class from an events.ts that src/blog.ts lists",
    });
  const { rows: commands } = await knex.raw(
    "select distinct command_type as type from sequent_schema.commands",
  );
  for (const type of unknown(commands, commandClasses))
    findings.push({
      level: "warning",
      what: `no class is known for the stored command ${type}: what is personal in it is not erased`,
      mend: "export its class from a commands.ts that src/blog.ts lists",
    });
  return orOk(findings, "every command and event is known and taken");
};

interface Taker {
  readonly handlers: readonly { readonly messageClasses: readonly unknown[] }[];
}

function isTaken(messageClass: { readonly prototype: unknown }, takers: readonly Taker[]): boolean {
  return takers.some((taker) =>
    taker.handlers.some(({ messageClasses }) =>
      messageClasses.some(
        (taken) =>
          taken === messageClass || (typeof taken === "function" && messageClass.prototype instanceof taken),
      ),
    ),
  );
}

function unknown(rows: readonly { type: string }[], classes: readonly { type: string }[]): string[] {
  return rows.map(({ type }) => type).filter((type) => !classes.some((each) => each.type === type));
}
