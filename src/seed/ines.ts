import type { SeedAuthor } from "./seed-author.ts";

export const ines: SeedAuthor = {
  name: "Inês Carvalho",
  email: "ines@example.com",
  posts: [
    {
      title: "Lisbon to Kraków without leaving the ground",
      publishedOn: "2026-03-03",
      content: `It takes three days and eleven hours, if you want to sleep in beds. I did it in February with one bag and a thermos.

**Day one.** The morning train to the border does not go to the border any more, so: a bus, a walk across a bridge in the rain, and a Spanish train so clean that I apologised to it for my shoes.

**Day two.** Barcelona to Lyon. Sit on the right. There is an hour in which the track runs between a lagoon and the sea, and flamingos stand there as if somebody had ordered them.

**Day three.** Zürich, Vienna, a change in eight minutes that everybody made because the conductor held the door with his foot.

**The last night.** A sleeper with a wash-basin, a window that opens, and a man who brings tea in a glass.

People ask what it cost. More than flying. People do not ask what I saw.`,
    },
    {
      title: "In praise of the station clock",
      publishedOn: "2026-05-11",
      content: `The red second hand of the Swiss station clock goes round in fifty-eight and a half seconds. Then it stops at the top and waits.

It waits for a signal that is sent once a minute to every clock in the country, and then all of them step forward together. No clock needs to be right. They only need to *wait for each other*.

I think about that more often than I should.`,
    },
    {
      title: "A packing list, after twenty years",
      publishedOn: "2026-06-05",
      content: `- one shirt fewer than you think
- a scarf, which is a pillow, a curtain, a bag and a scarf
- a pen that works, for forms
- earplugs, two pairs, for the person who has none
- nothing that you would be sad to lose

Everything else can be bought at a railway station, at a price that teaches you to pack.`,
      edits: [["- a pen that works, for forms", "- a pen that works, for forms, and to lend"]],
    },
    {
      title: "The slowest express in Portugal",
      publishedOn: "2026-08-14",
      content: `The line along the Douro was built for wine, and it travels like wine: slowly, with stops, best in the afternoon.

Sit on the left from Porto, behind the driver. After Régua there are no more roads on your side, only terraces, the river, and a heron every few hundred metres. The doors of the old carriages have a sign, *É perigoso debruçar-se*, it is dangerous to lean out. Everyone leans out.

At Pocinho the line ends, because the rest was closed in 1988. There is a café. The man there will tell you when it is going to be reopened. He has been told so himself.`,
    },
    {
      title: "Night trains I still want to take",
      content: `1. Stockholm to Narvik, in June, when there is no night
2. Tunis to Gafsa
3. Whatever the one was that Tomasz told me about`,
    },
  ],
};
