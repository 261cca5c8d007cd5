import { defineConfig } from "vitest/config";

/** With TEST_BRIEFLY, tests of what nobody changes in a project of one's own are left out. CI runs them once, not in each project. */
const proven = process.env["TEST_BRIEFLY"] ? ["test/unit/{framework,web,database,mail,tools}/**"] : [];

const slow = { testTimeout: 60_000, hookTimeout: 60_000 };

/** One project for each script of package.json: `npm test` runs "blog", `npm run test:postgres` runs "postgres" … */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      project("blog", {
        include: ["{test,examples}/**/*.test.ts"],
        exclude: ["test/{postgres,processes,brokers,browser,fuzz,copies}/**", ...proven],
        isolate: false, // half of the time went into loading the same modules anew for each of 80 files
      }),
      project("postgres", slow),
      project("processes", slow),
      project("brokers", slow),
      project("copies", { globalSetup: [], testTimeout: 600_000, hookTimeout: 600_000 }),
      project("browser", { ...slow, fileParallelism: false }),
      project("fuzz", { ...slow, fileParallelism: false, execArgv: ["--expose-gc"] }),
    ],
  },
});

function project(name: string, options: object) {
  const common = {
    include: [`test/${name}/**/*.test.ts`],
    globalSetup: "test/support/postgres.ts",
    retry: Number(process.env["TEST_RETRIES"] ?? 0),
    restoreMocks: true,
    unstubEnvs: true,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  };
  return { test: { name, sequence: { shuffle: true }, ...common, ...options } };
}
