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

/** What `ts_headline` gives, with dots where the text goes on. It leaves out what is before the first word, and behind the last one. */
export function excerptOf(headline: string, { first, last }: { first: string; last: string }): Segment[] {
  const text = [...headline].slice(0, longest).join("");
  const plain = text.replaceAll(begin, "").replaceAll(end, "");
  const before = first.includes(plain.slice(0, 20)) ? "" : "… ";
  const after = last.includes(plain.slice(-20)) ? "" : " …";
  return segmentsOf(`${before}${text}${after}`);
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
