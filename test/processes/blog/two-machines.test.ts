import { describe, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { Cookies } from "../../support/cookies.ts";
import { settingsOfWorker, useBlog } from "../../support/database.ts";
import { freePort } from "../../support/free-port.ts";
import { answers, isHaproxyInstalled, startHaproxy } from "../../support/haproxy.ts";
import { type RunningProcess, run } from "../../support/process.ts";
import { until } from "../../support/until.ts";
import { posting, Visitor } from "../../support/visitor.ts";

useBlog();

describe.skipIf(!isHaproxyInstalled)("two machines behind HAProxy", () => {
  test("a page of one shows at once what was sent to the other", async () => {
    const { address } = await startSite();
    const cookies = new Cookies();
    const ask = async (path: string, fields?: Record<string, string>) => {
      const body = fields && new URLSearchParams({ ...fields, commandId: newId() });
      const request: RequestInit = body ? { method: "POST", body } : {};
      const answer = await fetch(`${address}${path}`, {
        ...request,
        redirect: "manual",
        headers: cookies.header,
      });
      cookies.keep(answer);
      const { headers, status } = answer;
      return {
        status,
        text: await answer.text(),
        location: headers.get("location") ?? "",
        by: headers.get("x-server"),
      };
    };
    const account = await ask("/authors", { name: "Ben", email: "ben@example.com" });
    const { location: post } = await ask(`${account.location}/posts`, { title: "Number 0", content: "Text" });
    let elsewhere = 0;
    for (let number = 1; number <= 50; number += 1) {
      const sent = await ask(post, { title: `Number ${number}`, content: "Text" });
      const shown = await ask(post);

      expect(sent.status).toBe(303);
      expect(shown.text).toContain(`Number ${number}`);
      if (sent.by !== shown.by) elsewhere += 1;
    }
    expect(elsewhere).toBeGreaterThan(20);
  });

  test("one machine after the other is stopped, killed and started again, and no visitor notices", {
    timeout: 180_000,
  }, async () => {
    const { address, machines } = await startSite();
    const visitors = [1, 2, 3, 4].map(() => new Visitor(() => address, posting));
    const more = async () => {
      const enough = visitors.map(({ written }) => written.length + 3);
      await until(
        () => visitors.every(({ written }, place) => written.length >= (enough[place] ?? 0)),
        30_000,
      );
    };
    await more();
    for (const signal of ["SIGTERM", "SIGKILL"] as const)
      for (const machine of machines) {
        await machine.end(signal);
        await more();
        await machine.start();
        await until(() => machine.takesPart(address), 20_000);
        await more();
      }
    await Promise.all(visitors.map((visitor) => visitor.stop()));
    expect(visitors.flatMap(({ repeated }) => repeated)).toEqual([]);
  });

  test("a machine that hangs gets nobody after its checks have failed, and visitors when it goes on", async () => {
    const { address, machines } = await startSite();
    const [one, two] = machines;
    one.signal("SIGSTOP");
    const byTwo = () => two.takesPart(address, AbortSignal.timeout(1_000)).catch(() => false);
    await until(async () => (await byTwo()) && (await byTwo()) && (await byTwo()), 30_000);
    for (let request = 0; request < 20; request += 1) expect(await two.takesPart(address)).toBe(true);
    one.signal("SIGCONT");
    await until(() => one.takesPart(address), 20_000);
  });
});

/** Two programs that share a database and nothing else. */
async function startSite() {
  const { databaseUrl } = await settingsOfWorker();
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const env = {
    DATABASE_URL: databaseUrl,
    PUBLIC_URL: address,
    TRUST_PROXY: "1",
    SESSION_SECRET: "s".repeat(32),
    RATE_LIMIT: "off",
  };
  const machines = [
    new Machine("one", await freePort(), env),
    new Machine("two", await freePort(), env),
  ] as const;
  await Promise.all(machines.map((machine) => machine.start()));
  await startHaproxy(port, machines[0].port, machines[1].port);
  return { address, machines };
}

class Machine {
  readonly port: number;
  readonly #name: string;
  readonly #env: NodeJS.ProcessEnv;
  #program: RunningProcess | undefined;

  constructor(name: string, port: number, env: NodeJS.ProcessEnv) {
    this.#name = name;
    this.port = port;
    this.#env = env;
  }

  async start(): Promise<void> {
    this.#program = await run("src/server.ts", { ...this.#env, PORT: String(this.port) });
    await until(() => answers(`http://127.0.0.1:${this.port}/readyz`), 30_000);
  }

  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    this.signal(signal);
    await this.#program?.ended;
  }

  signal(signal: NodeJS.Signals): void {
    this.#program?.child.kill(signal);
  }

  /** True if it has answered a request to the site. */
  async takesPart(address: string, signal: AbortSignal | null = null): Promise<boolean> {
    const { headers } = await fetch(`${address}/healthz`, { signal });
    return headers.get("x-server") === this.#name;
  }
}
