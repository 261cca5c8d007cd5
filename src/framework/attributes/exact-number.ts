/** A number as Postgres writes it: "+01.50" is "1.50", and zero has no sign. */
export function canonicalNumber(text: string): string {
  return text.replace(/^\+|^-(?=[0.]+$)/, "").replace(/^(-?)0+(?=\d)/, "$1");
}

/** Adds without rounding, with as many decimal places as the one that has more: as Postgres does. */
export function exactSum(one: string, other: string): string {
  const places = Math.max(placesOf(one), placesOf(other));
  const sum = scaled(one, places) + scaled(other, places);
  const digits = String(sum < 0n ? -sum : sum).padStart(places + 1, "0");
  const sign = sum < 0n ? "-" : "";
  return places === 0 ? sign + digits : `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

function placesOf(number: string): number {
  return number.split(".")[1]?.length ?? 0;
}

function scaled(number: string, places: number): bigint {
  return BigInt(number.replace(".", "") + "0".repeat(places - placesOf(number)));
}
