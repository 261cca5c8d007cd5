import fc from "fast-check";
import { expect, test } from "vitest";
import { createWeb } from "../../src/server/serve.ts";
import { readSettings } from "../../src/settings.ts";
import { createLog } from "../../src/web/logging/log.ts";
import { countStored, useBlog } from "../support/database.ts";
import { listening } from "../support/http.ts";
import { attackedBlog, isLeaking } from "./attacked-blog.ts";
import { type Answer, RawClient } from "./client.ts";
import { bytesOf, hostileRequest } from "./hostile-requests.ts";

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

  const attacked = await attackedBlog(on);
  const { commands: given } = await countStored(on.database);

  await attack(port, requests / 4, seed, attacked); // caches fill, code is compiled
  const heapBefore = heapUsed();
  const result = await attack(port, (requests * 3) / 4, seed + 1, attacked);
  const heapAfter = heapUsed();

  expect(result.harmful.slice(0, 3)).toEqual([]);
  expect(ourFault.slice(0, 3)).toEqual([]);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();

  const { commands } = await countStored(on.database);
  expect(commands).toBeLessThanOrEqual(given + taken);

  const p99 = result.times.sort((one, other) => other - one)[Math.floor(result.times.length / 100)] ?? 0;
  const counts = [...result.statuses].sort(([one], [other]) => one - other);
  console.log(
    counts.map(([status, count]) => `${status}: ${count}`).join(", "),
    `· p99 ${p99.toFixed(0)} ms · heap ${heapBefore} → ${heapAfter} MB · ${commands - given} commands stored`,
  );
  expect(p99).toBeLessThan(200);
  expect(heapAfter - heapBefore).toBeLessThan(10);
}, 300_000);

type Attacked = Awaited<ReturnType<typeof attackedBlog>>;

interface Result {
  readonly statuses: Map<number, number>;
  readonly times: number[];
  readonly harmful: string[];
}

/** How many forms were accepted. Each may store a command, and nothing else may. */
let taken = 0;

/** Half of the connections are of somebody who is signed in. After each batch, everything must still belong to whom it did. */
async function attack(port: number, count: number, seed: number, attacked: Attacked): Promise<Result> {
  const result: Result = { statuses: new Map(), times: [], harmful: [] };
  const worker = async (number: number) => {
    const client = new RawClient(port);
    let session = number % 2 === 0 ? await attacked.session() : undefined;
    for (let batch = 0; result.times.length < count; batch += 1) {
      // In batches, because this process answers nothing while it makes requests.
      for (const request of fc.sample(hostileRequest, { numRuns: 20, seed: seed + 1_000 * number + batch })) {
        const answer = await client.send(bytesOf(request, session), request.method);
        const { status } = answer;
        result.statuses.set(status, (result.statuses.get(status) ?? 0) + 1);
        result.times.push(answer.ms);
        if (status === 303 && request.method === "POST") taken += 1;
        if (isHarmful(answer))
          result.harmful.push(
            `${Math.round(answer.ms)} ms: ${JSON.stringify(request).slice(0, 600)} → ${answer.text.slice(0, 500)}`,
          );
      }
      client.close();
      result.harmful.push(...(await attacked.harm()));
      if (session && (await attacked.hasEnded(session))) session = await attacked.session(); // it has signed out
    }
    client.close();
  };
  await Promise.all(Array.from({ length: connections }, (_, number) => worker(number)));
  return result;
}

/** No answer, an internal error, what is not for everybody, details of the program, or a header that came from a request. */
function isHarmful({ status, text }: Answer): boolean {
  const [head = ""] = text.split("\r\n\r\n", 1);
  return (
    status === 0 ||
    status >= 500 ||
    isLeaking(text) ||
    /(?:\n| ;) *at [\w.<]|node_modules|sequent_schema/.test(text) ||
    /^(?:x-injected|set-cookie: x=y)/im.test(head)
  );
}

function heapUsed(): number {
  globalThis.gc?.();
  return Math.round(process.memoryUsage().heapUsed / 1024 / 1024);
}
