import type { SeedAuthor } from "./seed-author.ts";

export const amara: SeedAuthor = {
  name: "Amara Okafor",
  email: "amara@example.com",
  posts: [
    {
      title: "A loaf for people who have somewhere to be",
      publishedOn: "2026-02-08",
      content: `Most recipes for sourdough assume that you have nothing else to do on a Saturday. This one assumes that you have a job, a bus to catch and a fridge.

## The evening before

Mix **450 g flour**, **330 g water**, **90 g starter** and **9 g salt** until no dry flour is left. It will look like a mistake. Leave it for half an hour, then fold it over itself four times, once from each side. Do that twice more, whenever you pass the kitchen.

Then put it in the fridge and go to bed.

## The next day, whenever that is

> Cold dough waits for you. Warm dough is a toddler.

Shape it straight from the fridge, let it stand while the oven heats to 240 °C, cut it once along the top, and bake it for twenty minutes with a lid and twenty-five without.

| what you see | what it means |
| --- | --- |
| flat and pale | too little time in the fridge |
| flat and dark | too much of it |
| a tear along the side | cut deeper next time |

That is all. It keeps for four days, and on the fifth it is toast.`,
      edits: [
        ["**330 g water**", "**320 g water**"],
        ["once from each side. Do that twice more", "once from each side. Do that three times more"],
      ],
    },
    {
      title: "Onions, slowly",
      publishedOn: "2026-03-15",
      content: `Every recipe that says *caramelise the onions, about ten minutes* is lying to you, and everyone who wrote one knows it.

It takes fifty minutes. Here is how to spend them:

1. Slice a kilo of onions along the grain, not across it. They keep their shape.
2. A wide pan, a low flame, a spoon of butter and one of oil, a pinch of salt.
3. Stir every few minutes. Read something in between.
4. When the bottom of the pan turns brown, add a spoon of water and scrape. Do that again, and again.

They are done when they taste of something you would put on bread without anything else. Then put them on bread without anything else.`,
    },
    {
      title: "What my grandmother measured with",
      publishedOn: "2026-06-21",
      content: `She had a tin cup without a handle. *One cup* in her recipes meant that cup, and when she died nobody could cook her rice.

My aunt found it last winter at the back of a drawer. It holds 187 millilitres. I have since made the rice eleven times, and it has been right nine of them. The other two I was in a hurry.

There is a lesson here about units, and my brother, who writes software, never misses a chance to draw it. I would rather talk about the rice.

- Wash it until you can see your fingers through the water.
- One cup of rice, one and a half of stock. *Her* cup.
- A whole Scotch bonnet on top, uncut. You remove it at the end, and you do not touch your eyes.`,
    },
    {
      title: "A short defence of the microwave",
      publishedOn: "2026-09-02",
      content: `It steams vegetables better than a steamer: a bowl, a plate on top, a spoon of water, three minutes. It melts chocolate without a water bath, toasts nuts in two minutes, and dries herbs in one.

It makes bad pizza. So do most pizzerias.`,
    },
    {
      title: "Notes for a winter menu",
      content: `Nothing here is decided yet.

- celeriac, baked whole in salt
- the onions again?
- something with preserved lemon, they will be ready in December
- *not* another soup`,
    },
  ],
};
