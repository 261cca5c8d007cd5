import type { Import } from "../edits.ts";
import type { Tree } from "../tree.ts";
import type { Attribute } from "./attributes.ts";
import { Aggregate } from "./domain.ts";
import { type SampleId, sampleIds, samplesOf } from "./samples.ts";
import { importsOfSamples } from "./spec.ts";
import { bare, isOptional } from "./types.ts";

interface Before {
  readonly ids: readonly SampleId[];
  readonly commands: readonly string[];
  readonly imports: readonly Import[];
}

/** What must exist before a form can refer to it, as commands. Undefined if nobody can know how it is made. */
export function commandsBefore(
  tree: Tree,
  ids: readonly SampleId[],
  known: readonly string[] = [],
): Before | undefined {
  let all: Before = { ids, commands: [], imports: [] };
  const made = [...known];
  for (const { constant, aggregate: name } of ids) {
    if (name === undefined) continue;
    const aggregate = new Aggregate(tree, name);
    const { add } = aggregate;
    const times = made.filter((each) => each === name).length;
    if (!add || times > 1) return undefined;
    const which = times === 1 ? "other" : "first"; // some value may have to be unique
    const needed = add.attributes.filter((each) => !isOtherOptional(each));
    const empty = add.attributes.filter(({ type }) => isOtherOptional({ type }) && type.word === "list");
    const samples = samplesOf(tree, needed, "command", which);
    const before = commandsBefore(tree, sampleIds(tree, needed, which), [...made, name]);
    if (samples === undefined || before === undefined) return undefined;
    const values = [
      `aggregateId: ${constant}`,
      ...empty.map((each) => `${each.name}: []`),
      samples.slice(2, -2),
    ];
    made.push(name);
    all = {
      ids: [...all.ids, ...before.ids.filter((each) => !all.ids.some((id) => id.constant === each.constant))],
      commands: [
        ...before.commands,
        ...all.commands,
        `new ${add.name}({ ${values.filter(Boolean).join(", ")} })`,
      ],
      imports: [
        ...all.imports,
        ...before.imports,
        [[add.name], `../../${aggregate.path("commands")}`],
        ...importsOfSamples(tree, add.attributes, samples, "../.."),
      ],
    };
  }
  return all;
}

/** True if it refers to others, but need not. */
export function isOtherOptional({ type }: Pick<Attribute, "type">): boolean {
  const { word, of } = bare(type);
  return (isOptional(type) && word === "reference") || (word === "list" && of?.word === "reference");
}
