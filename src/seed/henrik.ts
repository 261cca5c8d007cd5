import type { SeedAuthor } from "./seed-author.ts";

export const henrik: SeedAuthor = {
  name: "Henrik Solberg",
  email: "henrik@example.com",
  posts: [
    {
      title: "Events are what happened; everything else is an opinion",
      publishedOn: "2026-01-12",
      content: `A table of posts says what is true now. It cannot say what was true on Tuesday, who changed it, or why. We usually find out that we wanted to know on Wednesday.

Keep what happened instead, in the order in which it happened:

\`\`\`ts
post.apply(PostAdded);
post.apply(PostTitleChanged, { title: "Hello" });
post.apply(PostPublished, { publicationDate });
\`\`\`

The table is then something that you compute. Compute it differently tomorrow, if you like: the facts have not changed, only your opinion of how to show them.

## What it costs

It costs a second model. You write down what is asked, what happened, and what is shown, where you used to write one class with an annotation on every line. For a to-do list that is silly. For anything that somebody will one day ask *"how did this come about?"* of, it is the cheapest way I know to have an answer.

## What it does not cost

Speed. Appending a row is the thing that databases are best at.`,
      edits: [
        ["It costs a second model.", "It costs a second model, and a name for everything that can happen."],
      ],
    },
    {
      title: "The button that people press twice",
      publishedOn: "2026-02-26",
      content: `Somebody always presses it twice. The train goes into a tunnel, the page hangs, and they press again.

The usual answer is to disable the button with a script. That helps until the script has not loaded, which is exactly when the network is bad, which is when people press twice.

The better answer is older than the web: **give the request a name before it is sent.** Put an id into the form when you render it. When it arrives, store the id with what it did. When it arrives again, say what you said the first time.

There is nothing to disable, nothing to detect and no window in which it goes wrong. It took me fifteen years to stop being clever about this.`,
    },
    {
      title: "Two people, one paragraph",
      publishedOn: "2026-04-30",
      content: `You open a text and start to edit. Somebody else does the same. Who wins?

1. **The last one to save.** Most software does this, and does not tell you.
2. **The first one to save.** The other one gets an error and an empty form.
3. **Nobody needs to lose.** If you changed the title and I changed the text, keep both. If we changed the same, show both of us both.

The third is about sixty lines of code. You need to know what each of us had on the screen when we began, which is why it is hard when you keep only the present, and easy when you keep what happened.`,
    },
    {
      title: "Delete the cache first",
      publishedOn: "2026-07-19",
      content: `When something is slow we add a cache, and now two things are slow: the thing, and finding out why it shows yesterday's prices.

Before you add one, answer in writing:

- What is the query, and what does \`explain analyze\` say about it?
- How many times a second is it asked?
- Who will be angry when the answer is a minute old?

In nine cases of ten the first question is the end of the matter. It was an index.`,
    },
    {
      title: "Naming the past",
      content: `Draft. Events deserve better names than *Updated*.

An update is something that a database does. What did the **person** do? They moved house. They corrected a typo. They changed their mind.`,
    },
  ],
};
