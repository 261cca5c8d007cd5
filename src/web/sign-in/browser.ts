/** The browser and the system in words, for the list of sessions. A browser can call itself anything, so this is only a help. */
export function browserIn(userAgent = ""): string {
  const browser = firstOf(browsers, userAgent) ?? "Another browser";
  const system = firstOf(systems, userAgent);
  return system === undefined ? browser : `${browser} on ${system}`;
}

type Names = readonly (readonly [name: string, mark: RegExp])[];

function firstOf(names: Names, userAgent: string): string | undefined {
  return names.find(([, mark]) => mark.test(userAgent))?.[0];
}

/** In this order, because nearly all of them also call themselves Chrome and Safari. */
const browsers: Names = [
  ["Edge", /\bEdgi?A?\w*\//],
  ["Opera", /\bOPR\//],
  ["Samsung Internet", /\bSamsungBrowser\//],
  ["Firefox", /\b(Firefox|FxiOS)\//],
  ["Chrome", /\b(Chrome|CriOS)\//],
  ["Safari", /\bSafari\//],
];

const systems: Names = [
  ["iPhone", /\biPhone\b/],
  ["iPad", /\biPad\b/],
  ["Android", /\bAndroid\b/],
  ["Windows", /\bWindows\b/],
  ["ChromeOS", /\bCrOS\b/],
  ["macOS", /\bMacintosh\b/],
  ["Linux", /\bLinux\b/],
];
