import { describe, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { postForm } from "../../src/web/post-form.ts";
import { author } from "../support/people.ts";
import { hiddenField, textOf, useWeb } from "../support/web.ts";

const { given, get, post } = useWeb();

/** A text for each field of the form, whichever it has. */
const names = Object.keys(postForm.fields);
const filledIn = (what: string) => Object.fromEntries(names.map((name) => [name, `${what} ${name}`]));

/** Whatever is added to the form of a post must get all the way: each of these fails where a place was forgotten. */
describe("each field of the form of a post", () => {
  const write = async () => {
    const ben = newId();
    await given(author({ aggregateId: ben }));
    const sent = await post(`/authors/${ben}/posts`, filledIn("First")).expect(303);
    return String(sent.headers["location"]);
  };

  test.each(names)("%s is shown on the page of the post", async (name) => {
    expect(textOf((await get(await write())).text)).toContain(`First ${name}`);
  });

  test.each(names)("%s can be edited, and stays as it is where another field is", async (name) => {
    const path = await write();
    const form = (await get(`${path}/edit`)).text;
    const others = { ...filledIn("First"), [name]: `Second ${name}`, version: hiddenField(form, "version") };
    expect(textOf(form.replaceAll(/value="([^"]*)"/g, ">$1<"))).toContain(`First ${name}`);
    await post(path, others).expect(303);
    const page = textOf((await get(path)).text);
    for (const each of names) expect(page).toContain(each === name ? `Second ${each}` : `First ${each}`);
  });

  test.each(names)("%s is in the history, and in the post as it was", async (name) => {
    const path = await write();
    await post(path, filledIn("Second")).expect(303);
    const history = textOf((await get(`${path}/history`)).text);
    expect(history).toContain(`First ${name}`);
    const past = (await get(`${path}/history`)).text.match(/at=(\d+)/g) ?? [];
    const pages = await Promise.all(past.map((at) => get(`${path}?${at}`)));
    expect(pages.some(({ text }) => textOf(text).includes(`First ${name}`))).toBe(true);
    expect(textOf(pages[0]?.text ?? "")).toContain(`Second ${name}`);
  });

  test.each(names)("%s is typed once: it comes back where the form is refused", async (name) => {
    const ben = newId();
    const answer = await post(`/authors/${ben}/posts`, { ...filledIn("Lost"), version: "none" });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    const [, shown] = answer.text.split("<main");
    expect(shown).toContain(`Lost ${name}`);
  });
});
