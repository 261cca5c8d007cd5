import type { SeedAuthor } from "./seed-author.ts";

export const yuki: SeedAuthor = {
  name: "Yuki Tanaka",
  email: "yuki@example.com",
  posts: [
    {
      title: "Learning to draw at forty-three",
      publishedOn: "2026-02-17",
      content: `The teacher put a chair on the table and said: *do not draw the chair. Draw the holes in it.*

I am an accountant. I have spent twenty years looking at what is there. For two hours I looked at what was not: the shape between the rungs, the shape under the seat, the long thin shape between the leg and the table. When I stepped back there was a chair on the paper, and it was better than any chair I had ever drawn on purpose.

I have been going every Thursday since.`,
    },
    {
      title: "木漏れ日, and other words I miss",
      publishedOn: "2026-04-03",
      content: `**木漏れ日** (*komorebi*) is the light that comes through leaves. Everybody knows that one by now; it is on mugs.

Nobody puts these on mugs:

- **積読** (*tsundoku*): buying books and letting them pile up. I have a shelf of it.
- **口寂しい** (*kuchisabishii*): the mouth is lonely. You are not hungry. You are standing in front of the fridge.
- **木枯らし** (*kogarashi*): the first cold wind that tells you that winter has your address.

English has *petrichor*, which somebody made up in 1964, and *dusk*, which is perfect.`,
    },
    {
      title: "An accountant's guide to watercolour",
      publishedOn: "2026-07-07",
      content: `Watercolour is double-entry bookkeeping. What you put down as dark you cannot take back; what you want to keep as light you must set aside **before** you begin. There is no white paint. White is paper you did not spend.

| account | opened | closed |
| --- | --- | --- |
| the sky | first, wet | before anything else |
| the hills | when the sky is dry | at once |
| the people | last | in three strokes, never four |

When it does not balance, do not correct. Turn the page. The page is an entry too.`,
    },
    {
      title: "The museum guard knows best",
      publishedOn: "2026-10-10",
      content: `If you want to know which picture in a museum is the good one, do not ask the audio guide. Ask the person on the chair.

*"That one,"* said the guard in room 14, and pointed past the famous one at a small, brown, bad-tempered still life with a lemon. *"I have looked at it for six years. The lemon is never the same."*

I stood there for twenty minutes. It was not the same.`,
      edits: [["a small, brown, bad-tempered still life", "a small, dark, bad-tempered still life"]],
    },
    {
      title: "Thursday's chair, again",
      content: `Same chair. Nine months later. I should put the two drawings side by side here, once I have dared to look at the first.`,
    },
  ],
};
