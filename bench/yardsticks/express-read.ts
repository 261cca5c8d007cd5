import MarkdownIt from "markdown-it";
import { expressApp, listen, pool, readSession } from "./express-app.ts";

/** Express and EJS, with one prepared query for each page. Renders the Markdown of a post, but not of an excerpt. */
const database = pool();
const app = expressApp();
const markdown = new MarkdownIt({ typographer: true });
const postsOnHome = 20;
const beginning = ["infinity", "ffffffff-ffff-ffff-ffff-ffffffffffff"];

app.get("/", async (req, res) => {
  const { after } = req.query;
  await readSession(database, req);
  const place = after ? JSON.parse(Buffer.from(String(after), "base64url").toString()) : beginning;
  const { rows } = await database.query({ name: "home", text: newest, values: [postsOnHome, ...place] });
  res.render("home", { posts: rows });
});

app.get("/posts/:id", async (req, res) => {
  await readSession(database, req);
  const { rows } = await database.query({ name: "post", text: one, values: [req.params.id] });
  const [post] = rows;
  res.render("show", { post, html: markdown.render(post.content) });
});

listen(app);

const columns =
  "posts.aggregate_id, author_aggregate_id, title, publication_date::text, authors.name as author_name";
const from = `
  from view_schema.post_records as posts
  join view_schema.author_records as authors on authors.aggregate_id = author_aggregate_id`;

const newest = `
select ${columns}, left(content, 240) as excerpt ${from}
 where published_at is not null
   and (published_at, posts.aggregate_id) < ($2::timestamptz, $3::uuid)
 order by published_at desc, posts.aggregate_id desc
 limit $1`;

const one = `select ${columns}, content ${from} where posts.aggregate_id = $1`;
