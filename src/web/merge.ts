/** The fields of a form by name. */
export type Texts = Readonly<Record<string, string>>;

export interface Merge {
  /** My texts, with theirs where only they changed something. */
  readonly merged: Texts;
  /** The fields that only they changed. */
  readonly theirsAlone: readonly string[];
  /** The fields that both changed, to different texts. */
  readonly conflicts: readonly string[];
}

/** A three-way merge, field by field. Who has seen no base has a say in no field that differs. */
export function mergeTexts(base: Texts | undefined, theirs: Texts, mine: Texts): Merge {
  const names = Object.keys(mine);
  const differing = names.filter((name) => mine[name] !== theirs[name]);
  const theirsAlone = differing.filter((name) => base !== undefined && mine[name] === base[name]);
  const mineAlone = differing.filter((name) => base !== undefined && theirs[name] === base[name]);
  const kept = Object.fromEntries(theirsAlone.map((name) => [name, theirs[name] ?? ""]));
  return {
    merged: { ...mine, ...kept },
    theirsAlone,
    conflicts: differing.filter((name) => !theirsAlone.includes(name) && !mineAlone.includes(name)),
  };
}
