import type { SeedAuthor } from "./seed-author.ts";

export const tomasz: SeedAuthor = {
  name: "Tomasz Wiśniewski",
  email: "tomasz@example.com",
  posts: [
    {
      title: "Moss is not a problem",
      publishedOn: "2026-01-25",
      content: `Every garden centre sells something against moss. Nobody sells moss.

It is green in January. It needs no mowing. It closes over the ground where grass gives up, in the shade under the north wall, and when you walk on it barefoot in the morning you understand why bears roll in it. I do not know that bears roll in it.

If you have it, **do less**. Take the leaves off in autumn with your hands. That is the whole of the work.`,
    },
    {
      title: "A year in one square metre",
      publishedOn: "2026-04-12",
      content: `I put four sticks into the meadow behind the house and drew a string around them. Then I looked at it for five minutes every Sunday, for a year. The rule was: touch nothing.

## Winter

Nothing, I wrote, four times. Then I noticed that I had written *nothing* about a wren, two kinds of lichen and the tracks of a fox.

## Spring

Cuckooflower, and on it the orange-tips, which I had believed to be rare. They are not rare. I had been in the office.

## Summer

Forty-one species of plant. A friend who knows about such things found six more in a quarter of an hour, and was polite about it.

## Autumn

A spider whose name is longer than she is, *Argiope bruennichi*, and her web with the zigzag in the middle. Nobody is sure what the zigzag is for. I find that reassuring.`,
    },
    {
      title: "How to kill a rosemary",
      publishedOn: "2026-05-27",
      content: `I have killed nine. This is what I know.

1. Water it because it looks thirsty. It looks thirsty because it is drowning.
2. Give it good soil. It wants gravel, and a grudge.
3. Bring it in for the winter, next to the radiator.

The tenth stands in a crack in the wall where I threw the ninth. It flowers.`,
    },
    {
      title: "The apple that has no name",
      publishedOn: "2026-08-30",
      content: `There is a tree at the end of our lane that bears small, flat, russet apples with a taste of nuts and, faintly, of aniseed. It is about a hundred years old. Nobody knows what it is.

I have sent apples to two experts. The first wrote that it was certainly an *Ananas Reinette*. The second wrote that it was certainly not.

Last winter we took cuttings, and six of seven have grown. So whatever it is, there is more of it now than there was. That seems to me the right order: first save it, then argue.`,
      edits: [["six of seven have grown", "five of seven have grown"]],
    },
    {
      title: "Things I meant to do in October",
      publishedOn: "2026-11-01",
      content: `Plant the garlic. Clean the gutters. Lift the dahlias. Write to Inês about the narrow-gauge train in the mountains.

I planted the garlic.`,
    },
  ],
};
