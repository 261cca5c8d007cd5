import { expect, test } from "vitest";
import { newId } from "#sequent/operations";
import type { Field } from "../../src/web/forms/description.ts";
import { authorForm } from "../../src/web/pages/authors.ts";
import { postForm } from "../../src/web/pages/post-forms.ts";
import { author } from "../support/people.ts";
import { fieldsIn, textOf, useWeb } from "../support/web.ts";

const { given, signedInAs, get, send } = useWeb();

/** What is typed into a field, and how a page shows it: something else each time. */
function sampleOf(name: string, field: Field, time: 1 | 2): { typed: string; shown: string } {
  if ("fields" in field || "each" in field)
    throw new TypeError(`Say here what is typed into the parts of "${name}".`);
  if ("options" in field) {
    const [word = "", text = ""] = Object.entries(field.options)[time - 1] ?? [];
    return { typed: word, shown: text };
  }
  if (field.inputType === "number" || field.inputType === "decimal")
    return { typed: `4711${time}`, shown: `4711${time}` };
  if (field.inputType === "date") return { typed: `2026-11-2${time}`, shown: `2${time} November 2026` };
  return { typed: `${name}${time}`, shown: `${name}${time}` };
}

const samples = (fields: typeof postForm.fields, time: 1 | 2) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, sampleOf(name, field, time).typed]),
  );

// Whoever adds a field forgets one of the many places between a form and the page: each is found here.

test.each(Object.entries(postForm.fields))(
  "%s of a post goes from the form to its page, and back to the form; an edit is there too, and what was before stays in the past",
  async (name, field) => {
    const ben = newId();
    await given(author({ aggregateId: ben }));
    await signedInAs(ben);
    const [first, second] = [sampleOf(name, field, 1), sampleOf(name, field, 2)];

    const added = await send(`/authors/${ben}/posts`, samples(postForm.fields, 1)).expect(303);
    const page = String(added.headers["location"]);
    expect(textOf((await get(page)).text)).toContain(first.shown);
    const form = fieldsIn((await get(`${page}/edit`)).text);
    expect(form[name]).toBe(first.typed);

    await send(page, { ...form, [name]: second.typed }).expect(303);
    expect(textOf((await get(page)).text)).toContain(second.shown);
    expect(fieldsIn((await get(`${page}/edit`)).text)[name]).toBe(second.typed);
    expect(textOf((await get(`${page}?at=${form["seenVersion"]}`)).text)).toContain(first.shown);
    const history = textOf((await get(`${page}/history`)).text);
    for (const { shown } of [first, second]) expect(history).toContain(shown);
  },
);

test.each(Object.entries(authorForm.fields).filter(([name]) => name !== "email"))(
  "%s of an author goes from the form to their page",
  async (name, field) => {
    const { shown } = sampleOf(name, field, 1);
    const fields = { ...samples(authorForm.fields, 1), email: "ada@example.com" };
    const added = await send("/authors", fields).expect(303);
    expect(textOf((await get(String(added.headers["location"]))).text)).toContain(shown);
  },
);
