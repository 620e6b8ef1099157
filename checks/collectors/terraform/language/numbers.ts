/**
 * The text of a number as Terraform writes it: no exponent, no trailing zeros. Undefined where the number has more
 * digits than are kept here (Terraform calculates with 512 bits).
 */
export function numberText(value: number): string | undefined {
  if (!isExact(value)) return undefined;
  if (Number.isInteger(value)) return BigInt(value).toString();
  const [digits = "", exponent = "0"] = value.toExponential(14).split("e");
  const sign = digits.startsWith("-") ? "-" : "";
  const significant = digits.replace(/[-.]/g, "").replace(/0+$/, "");
  const point = Number(exponent) + 1;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${significant}`;
  return `${sign}${significant.slice(0, point)}.${significant.slice(point)}`;
}

/** Whether 15 digits say all about the number, so that it is the one that Terraform has. */
function isExact(value: number): boolean {
  if (!Number.isFinite(value)) return false;
  if (Number.isInteger(value)) return Number.isSafeInteger(value);
  return /^-?\d\.\d{0,13}0e/.test(value.toExponential(14));
}

/** The number closest to what exact decimals would have given: 0.3 for 0.1 + 0.2. */
export function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(15));
}

/** A text as a number, as Terraform converts it. */
export function parseNumber(text: string): number | undefined {
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return undefined;
  return Number(text);
}
