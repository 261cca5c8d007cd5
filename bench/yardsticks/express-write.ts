import { readFileSync } from "node:fs";
import { newId } from "#sequent/operations";
import { type Sent, varied } from "../harness/sent-statements.ts";
import { expressApp, listen, pool, readSession } from "./express-app.ts";

/** The statements of the blog for one post, and the values in them that differ for each post. */
export interface Sample {
  readonly sent: readonly Sent[];
  readonly words: readonly [commandId: string, aggregateId: string, title: string, content: string];
}

/** Finds the session, and stores the same rows with the same statement, without checks and decisions. */
const database = pool();
const app = expressApp();
const { sent, words } = JSON.parse(readFileSync(process.env["SAMPLE"] ?? "", "utf8")) as Sample;
const vary = varied(sent, words);

app.get("/", (_req, res) => res.send("ready"));

app.post("/authors/:id/posts", async (req, res) => {
  await readSession(database, req);
  const { title, content } = req.body as Record<string, string>;
  const postId = newId();
  for (const { values, ...statement } of vary([newId(), postId, json(title), json(content)])) {
    await database.query({ ...statement, values: [...values] });
  }
  res.redirect(303, `/posts/${postId}`);
});

listen(app);

function json(text: string | undefined): string {
  return JSON.stringify(text).slice(1, -1);
}
