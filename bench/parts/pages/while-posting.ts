import type { Request } from "../../harness/http-load.ts";
import { at, type Lab } from "../../harness/lab.ts";
import type { Rate } from "../../harness/rate.ts";
import { signedInAs } from "../../harness/session.ts";
import { content, title } from "../writes/add-posts.ts";
import { getting, type Site } from "./get-pages.ts";

/** The same on every machine. If forms came at fixed times, a fast machine would read more pages that are kept. */
const pagesPerForm = 300;

/** Pages while others write. Each form makes all kept pages old. So each of the 100 posts is rendered once, and then sent twice as it is. */
export async function getWhilePosting(lab: Lab, site: Site): Promise<void> {
  const { store, blog, express, load, authorId, postIds } = site;
  const headers = await signedInAs(store, authorId);
  const body = new URLSearchParams({ title, content }).toString();
  const form: Request = { method: "POST", path: `/authors/${authorId}/posts`, body, headers };
  const beside = { port: blog.port, request: form, every: pagesPerForm, expect: 303 };
  for (const [what, paths] of [
    ["GET of 100 posts", postIds.slice(0, 100).map((id) => `/posts/${id}`)],
    ["GET / with 20 posts", ["/"]],
  ] as const) {
    const contenders = {
      blog: getting(load, blog, paths, { beside }),
      express: getting(load, express, paths, { beside }),
    };
    await lab.warmUp(contenders);
    await lab.compare({
      contenders: at(contenders, 10, lab.options.ms),
      figures: [
        {
          what: `${what}, with a form after every ${pagesPerForm} pages`,
          ours: "blog",
          yardstick: "express",
          against: "Express by hand, with the same forms",
          unit: "/s",
          of: (rate: Rate) => rate.perSecond,
        },
      ],
    });
  }
}
