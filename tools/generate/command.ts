import { addImports, addToList } from "../edits.ts";
import type { Tree } from "../tree.ts";
import { Words } from "../words.ts";
import { attributesFrom, declarationOf, importsOf } from "./attributes.ts";
import { eventFor, methodOf, noteOf } from "./decision.ts";
import {
  Aggregate,
  type Declaration,
  refuseMissing,
  refuseNotPersonal,
  valueObjectImports,
} from "./domain.ts";
import { addMethod, hasMember } from "./members.ts";
import { addCommandTest } from "./message-tests.ts";
import { messageName, refuse } from "./names.ts";

/** `command Author RenameAuthor "name:string(notBlank)"` */
export function command(tree: Tree, [typed = "", message = "", ...declared]: readonly string[]): string[] {
  const aggregate = new Aggregate(tree, typed);
  const { pascal, camel, kebab } = aggregate.words;
  const name = messageName(tree, message, "a command");
  const attributes = attributesFrom(declared);
  refuseMissing(tree, attributes);
  refuseNotPersonal(aggregate, attributes);
  const made: Declaration = { name, base: "Command", attributes };
  const method = methodName(tree, aggregate, name);
  const event = eventFor(made, aggregate);

  const code = `\nexport class ${name} extends Command("${name}"${declarationOf(attributes, true)}) {}\n`;
  const objects = valueObjectImports(tree, attributes, "../shared");
  tree.edit(aggregate.path("commands"), code, (text) =>
    addImports(text + code, [[["Command", ...importsOf(attributes, true)], "#sequent"], ...objects]),
  );

  const argument = attributes.length > 0 ? "command" : "";
  const handler = `on(${name}, (command) => this.doWithAggregate(command, ${pascal}, (${camel}) => ${camel}.${method}(${argument})))`;
  tree.edit(
    aggregate.path(`${kebab}-command-handler`),
    handler,
    (text) => addImports(addToList(text, "handlers", handler), [[[name], "./commands.ts"]]),
    `on(${name},`,
  );

  const body = methodOf(tree, aggregate, made, method, event);
  tree.edit(
    aggregate.file,
    body,
    (text) =>
      addImports(addMethod(text, body), [
        [attributes.length > 0 ? [`type ${name}`] : [], "./commands.ts"],
        [event ? [event.name] : [], "./events.ts"],
      ]),
    `${method}(`,
  );
  addCommandTest(tree, aggregate, made, event);
  return [noteOf(aggregate, made, method, event)];
}

/** `RenameAuthor` is `rename` of an author; if there is such a method, it is `renameAuthor`. */
function methodName(tree: Tree, { words, file }: Aggregate, command: string): string {
  const text = tree.read(file);
  const short = command.replace(words.pascal, "");
  const names = [short, command].filter(Boolean).map((each) => new Words(each).camel);
  return names.find((each) => !hasMember(text, each)) ?? refuse(command, `${words.pascal} has such a method`);
}
