import { expect, test } from "vitest";
import { createBlog } from "../../../src/blog.ts";
import { SchedulePost } from "../../../src/domain/post/commands.ts";
import { settingsOfWorker, useBlog } from "../../support/database.ts";
import { author, draftBy } from "../../support/people.ts";
import { portOf, run } from "../../support/process.ts";

const context = useBlog();

test("npm start publishes what has become due, says so once, and stops in time", async () => {
  const ben = author();
  const moss = draftBy(ben.aggregateId);
  const { aggregateId, userId } = moss;
  const lastYear = createBlog({ ...context.database, clock: () => new Date("2020-01-01T00:00:00Z") });
  await lastYear.commandService.executeCommands(
    ben,
    moss,
    new SchedulePost({ aggregateId, userId, dueAt: "2020-11-20T09:00", timeZone: "UTC" }),
  );
  const { databaseUrl } = await settingsOfWorker();
  const server = await run("src/server.ts", { DATABASE_URL: databaseUrl, LOG_LEVEL: "info" });
  await portOf(server);
  await server.wrote(/"sent when it was due"/);
  server.child.kill("SIGTERM");
  expect(await server.ended).toBe(0);
  const lines = server.output().match(/.*"sent when it was due".*/g) ?? [];
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ command: "PublishPost", aggregateId }]);
  expect(await context.blog.queries.ask({ type: "PublishedPosts", limit: 9 })).toMatchObject({
    rows: [{ aggregate_id: aggregateId, publication_date: "2020-11-20" }],
  });
});
