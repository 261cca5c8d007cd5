import type { Profiler } from "node:inspector";

export const steps = [
  "parse",
  "validate",
  "load",
  "decide",
  "project",
  "serialise",
  "database",
  "render",
  "web",
  "node",
  "garbage",
] as const;

/** What a request takes time for. "node" is sockets, HTTP and timers with nobody of ours above them. */
export type Step = (typeof steps)[number];

/** The first that fits a file names its step. What fits none works for whoever called it. */
const rules: readonly [Step, RegExp][] = [
  [
    "parse",
    /src\/web\/(forms\/form-body|forms\/hidden-fields|guards\/well-formed)\.ts|framework\/attributes\/(parsing|form-fields)\.ts/,
  ],
  [
    "validate",
    /framework\/attributes\/(validation|attribute|rules|scalar|texts|numbers|dates|lists)\.ts|framework\/messages\/(value-object|command)\.ts|node_modules\/(express-validator|validator|lodash)\//,
  ],
  ["load", /store\/postgres\/(postgres-event-store|streams)\.ts/],
  ["project", /src\/projections\/.*\/projector\.ts|framework\/projections\//],
  ["serialise", /framework\/attributes\/serialization\.ts|store\/postgres\/(store-statement|row-sql)\.ts/],
  ["database", /node_modules\/(pg|knex|tarn|postgres-)|store\/postgres\/|src\/projections\/|src\/database\//],
  ["decide", /src\/(domain|framework|seed|blog)|node_modules\/uuid/],
  [
    "render",
    /node_modules\/(ejs|markdown-it|linkify|entities|mdurl)|views\/|src\/web\/(rendering|pages\/dates)|^evalmachine/,
  ],
  ["web", /src\/|node_modules\//],
];

type Node = Profiler.ProfileNode;

/** How many microseconds of the processor each step took, by the file of the function that ran or of who called it. */
export function timeBySteps({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Map<Step, number> {
  const stepOfNode = stepsOf(nodes);
  const times = new Map<Step, number>(steps.map((step) => [step, 0]));
  for (const [index, node] of samples.entries()) {
    const step = stepOfNode.get(node);
    if (step) times.set(step, (times.get(step) ?? 0) + (timeDeltas[index] ?? 0));
  }
  return times;
}

function stepsOf(nodes: readonly Node[]): Map<number, Step | undefined> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const found = new Map<number, Step | undefined>();
  const visit = (node: Node | undefined, above: Step) => {
    if (!node) return;
    const step = stepOf(node.callFrame, above);
    found.set(node.id, step);
    for (const child of node.children ?? []) visit(byId.get(child), step ?? above);
  };
  visit(nodes[0], "node");
  return found;
}

/** Undefined where the processor did nothing for us. */
function stepOf({ functionName, url }: Node["callFrame"], above: Step): Step | undefined {
  if (functionName === "(idle)") return undefined;
  if (functionName === "(garbage collector)") return "garbage";
  if (functionName === "(anonymous)" && url === "") return above;
  return rules.find(([, files]) => files.test(url))?.[0] ?? above;
}
