import fc from "fast-check";
import { expect, test } from "vitest";
import { createWeb } from "../../src/server/serve.ts";
import { readSettings } from "../../src/settings.ts";
import { createLog } from "../../src/web/logging/log.ts";
import { useBlog } from "../support/database.ts";
import { listening } from "../support/http.ts";
import { author, draftBy } from "../support/people.ts";
import { type Answer, RawClient } from "./client.ts";
import { authorId, bytesOf, hostileRequest, postId } from "./hostile-requests.ts";

const on = useBlog();
const requests = Number(process.env["FUZZ_REQUESTS"] ?? 20_000);
const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 1_000_000_000);
const connections = 8;

test(`${requests} hostile requests harm nothing (FUZZ_SEED=${seed})`, async () => {
  const settings = readSettings({ SESSION_SECRET: "s".repeat(32), RATE_LIMIT: "off" });
  const ourFault: string[] = [];
  const log = createLog({
    level: "info",
    write: (line) => {
      if (/"level":"(?:error|fatal)"/.test(line)) ourFault.push(line);
    },
  });
  const { port } = await listening(await createWeb(settings, on.database, log));

  const { commandService } = on.blog;
  await commandService.executeCommands(author({ aggregateId: authorId }));
  await commandService.executeCommands(draftBy(authorId, { aggregateId: postId }));

  await attack(port, requests / 4, seed); // caches fill, code is compiled
  const heapBefore = heapUsed();
  const result = await attack(port, (requests * 3) / 4, seed + 1);
  const heapAfter = heapUsed();

  expect(result.harmful.slice(0, 3)).toEqual([]);
  expect(ourFault.slice(0, 3)).toEqual([]);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();

  const { rows } = await on.database.read.raw(
    "select count(*)::integer as commands from sequent_schema.commands",
  );
  expect(rows[0].commands).toBeLessThanOrEqual(2 + taken);

  const p99 = result.times.sort((one, other) => other - one)[Math.floor(result.times.length / 100)] ?? 0;
  const counts = [...result.statuses].sort(([one], [other]) => one - other);
  console.log(
    counts.map(([status, count]) => `${status}: ${count}`).join(", "),
    `· p99 ${p99.toFixed(0)} ms · heap ${heapBefore} → ${heapAfter} MB · ${rows[0].commands} commands stored`,
  );
  expect(p99).toBeLessThan(200);
  expect(heapAfter - heapBefore).toBeLessThan(10);
});

interface Result {
  readonly statuses: Map<number, number>;
  readonly times: number[];
  readonly harmful: string[];
}

/** How many forms were taken by now: a command may be stored for each, and for nothing else. */
let taken = 0;

async function attack(port: number, count: number, seed: number): Promise<Result> {
  const result: Result = { statuses: new Map(), times: [], harmful: [] };
  const worker = async (number: number) => {
    const client = new RawClient(port);
    for (let batch = 0; result.times.length < count; batch += 1) {
      // In batches: making requests takes a while, in which this process answers none.
      for (const request of fc.sample(hostileRequest, { numRuns: 20, seed: seed + 1_000 * number + batch })) {
        const answer = await client.send(bytesOf(request), request.method);
        const { status } = answer;
        result.statuses.set(status, (result.statuses.get(status) ?? 0) + 1);
        result.times.push(answer.ms);
        if (status === 303 && request.method === "POST") taken += 1;
        if (isHarmful(answer))
          result.harmful.push(`${JSON.stringify(request).slice(0, 600)} → ${answer.text.slice(0, 500)}`);
      }
    }
    client.close();
  };
  await Promise.all(Array.from({ length: connections }, (_, number) => worker(number)));
  return result;
}

/** No answer, our fault, the insides of the program, or a header that came out of a request. */
function isHarmful({ status, text }: Answer): boolean {
  const [head = ""] = text.split("\r\n\r\n", 1);
  return (
    status === 0 ||
    status >= 500 ||
    /(?:\n| ;) *at [\w.<]|node_modules|sequent_schema/.test(text) ||
    /^(?:x-injected|set-cookie: x=y)/im.test(head)
  );
}

function heapUsed(): number {
  globalThis.gc?.();
  return Math.round(process.memoryUsage().heapUsed / 1024 / 1024);
}
