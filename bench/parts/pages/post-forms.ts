import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AddPost } from "../../../src/domain/post/commands.ts";
import { type Server, startServer } from "../../harness/child.ts";
import type { HttpLoad } from "../../harness/http-load.ts";
import { at, type Contender, type Lab } from "../../harness/lab.ts";
import type { Rate } from "../../harness/rate.ts";
import { statementsOf } from "../../harness/sent-statements.ts";
import { signedInAs } from "../../harness/session.ts";
import type { Store } from "../../harness/store.ts";
import type { Sample } from "../../yardsticks/express-write.ts";
import { content, title } from "../writes/add-posts.ts";

interface Site {
  readonly store: Store;
  readonly blog: Server;
  readonly load: HttpLoad;
  readonly authorId: string;
}

/** The blog reads the form, checks it, decides, stores the events and rows, and redirects to the post. */
export async function postForms(lab: Lab, { store, blog, load, authorId }: Site): Promise<void> {
  const express = await startServer("bench/yardsticks/express-write.ts", {
    env: { ...store.env, NODE_ENV: "production", SAMPLE: await sampleOf(store, authorId) },
    cleanup: lab.cleanup,
  });
  const headers = await signedInAs(store, authorId);
  const body = new URLSearchParams({ title, content }).toString();
  const requests = [{ method: "POST", path: `/authors/${authorId}/posts`, body, headers }] as const;
  const post =
    ({ port }: Server): Contender<Rate> =>
    (connections, ms) =>
      load({ port, requests, connections, ms, expect: 303 });
  const contenders = { blog: post(blog), express: post(express) };
  await lab.warmUp(contenders);

  for (const connections of lab.options.quick ? [16] : [1, 16, 50]) {
    await lab.compare({
      contenders: at(contenders, connections, lab.options.ms),
      figures: [
        {
          what: `POST of a post, ${connections} at once`,
          ours: "blog",
          yardstick: "express",
          against: "Express storing the same rows, after one read by primary key; headers, log, parser",
          unit: "/s",
          of: (rate: Rate) => rate.perSecond,
          target: { atLeast: 0.9 },
        },
      ],
    });
  }
}

async function sampleOf({ blog, dataDirectory }: Store, authorAggregateId: string): Promise<string> {
  const command = new AddPost({ authorAggregateId, title, content });
  const sent = await statementsOf(() => blog.commandService.executeCommands(command));
  const sample: Sample = { sent, words: [command.commandId, command.aggregateId, title, content] };
  const file = join(dataDirectory, "sample.json");
  await writeFile(file, JSON.stringify(sample));
  return file;
}
