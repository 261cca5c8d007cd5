/** A part of a text. */
export interface Segment {
  readonly text: string;
  /** True if it is what was searched for. */
  readonly isMatch: boolean;
}

const longest = 500;
/** Characters that no indexed text has. Postgres puts them around what it has found. */
const [begin, end] = ["\u0002", "\u0003"];

export const headlineOptions = `StartSel=${begin}, StopSel=${end}, FragmentDelimiter=" … ", MaxFragments=2, MinWords=12, MaxWords=30, ShortWord=0`;

/** What `ts_headline` gives, and how the whole text begins. */
export function excerptOf(headline: string, beginning: string): Segment[] {
  const plain = headline.replaceAll(begin, "").replaceAll(end, "");
  const isBeginning = plain.startsWith(beginning) || beginning.startsWith(plain);
  return segmentsOf(`${isBeginning ? "" : "… "}${[...headline].slice(0, longest).join("")}`);
}

function segmentsOf(text: string): Segment[] {
  const [before = "", ...pieces] = text.split(begin);
  const segments = pieces.flatMap((piece) => {
    const [match = "", rest = ""] = piece.split(end);
    return [
      { text: match, isMatch: true },
      { text: rest, isMatch: false },
    ];
  });
  return [{ text: before, isMatch: false }, ...segments].filter((each) => each.text !== "");
}
