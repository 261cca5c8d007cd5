import type { Profiler } from "node:inspector";

const steps = [
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

/** The steps of a request. "node" is sockets, HTTP and timers that no code of ours called. */
type Step = (typeof steps)[number];

/** The first pattern that fits a file names the step. A file that fits none belongs to the step of its caller. */
const rules: readonly [Step, RegExp][] = [
  [
    "parse",
    /src\/web\/(forms\/form-body|forms\/hidden-fields|guards\/well-formed)\.ts|framework\/attributes\/(parsing|form-fields)\.ts/,
  ],
  [
    "validate",
    /framework\/attributes\/(attribute|rules|scalar|texts|numbers|dates|lists)\.ts|framework\/messages\/(value-object|command)\.ts|node_modules\/(express-validator|validator|lodash)\//,
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

/** The processor time of each step in microseconds, by the file of the function or of its caller. */
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

/** Undefined for the time without work. */
function stepOf({ functionName, url }: Node["callFrame"], above: Step): Step | undefined {
  if (functionName === "(idle)") return undefined;
  if (functionName === "(garbage collector)") return "garbage";
  if (functionName === "(anonymous)" && url === "") return above;
  return rules.find(([, files]) => files.test(url))?.[0] ?? above;
}
