// Numbers and times as people read them. Everything here is pure and tested in tests/format.test.ts.

export const narrowSpace = "\u202f";
export const dash = "\u2013";

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const groupedTwo = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

/** 1,284 and 12.8k and 3.4 M: exact below ten thousand, three digits or so above. */
export function count(value: number): string {
  const size = Math.abs(value);
  if (size < 9_999.5) return grouped.format(value);
  if (size < 999_950) return `${oneDecimal(value / 1e3)}k`;
  if (size < 999_950_000) return `${oneDecimal(value / 1e6)}${narrowSpace}M`;
  return `${oneDecimal(value / 1e9)}${narrowSpace}bn`;
}

/** Every digit, for what shows on hover and what goes into files. */
export function exact(value: number): string {
  return groupedTwo.format(value);
}

/** A share of one as a percentage: 0.413 is "41.3 %". */
export function percent(share: number): string {
  const value = share * 100;
  if (value !== 0 && Math.abs(value) < 0.1) return `${value < 0 ? "-" : ""}<0.1${narrowSpace}%`;
  const digits = Math.abs(value) >= 99.95 || Number.isInteger(Number(value.toFixed(1))) ? 0 : 1;
  return `${value.toFixed(digits)}${narrowSpace}%`;
}

/** "5.3 – 5.9 %": two shares with one unit. */
export const percentRange = (low: number, high: number): string =>
  `${percent(low).replace(/\s%$/, "")} – ${percent(high)}`;

/** A decimal number of small size, such as pages per session: two digits after the point. */
export function decimal(value: number): string {
  return value.toFixed(2);
}

/** 45s, 2m 14s, 1h 05m. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m ${String(whole % 60).padStart(2, "0")}s`;
  return `${Math.floor(minutes / 60)}h ${String(minutes % 60).padStart(2, "0")}m`;
}

/** An amount in a currency; without cents from a thousand on, shortened from ten thousand on. */
export function money(value: number, currency: string): string {
  const size = Math.abs(value);
  if (size >= 9_999.5) {
    const [scale, unit] =
      size < 999_950
        ? [1e3, "k"]
        : size < 999_950_000
          ? [1e6, `${narrowSpace}M`]
          : [1e9, `${narrowSpace}bn`];
    return moneyFormat(currency, 1, 0).format(value / (scale as number)) + unit;
  }
  const digits = size >= 1_000 || Number.isInteger(value) ? 0 : 2;
  return moneyFormat(currency, digits).format(value);
}

export function exactMoney(value: number, currency: string): string {
  return moneyFormat(currency, 2).format(value);
}

/** 3.2 MiB. */
export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let size = value;
  let unit = 0;
  while (size >= 1023.5 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : oneDecimal(size)}${narrowSpace}${units[unit]}`;
}

export interface Change {
  text: string;
  direction: "up" | "down" | "same";
  tone: "better" | "worse" | "neutral";
}

/**
 * How `value` differs from `previous`, or null when there is nothing to compare.
 *
 * lowerIsBetter  for a bounce rate: a fall is the better direction.
 */
export function change(
  value: number | null,
  previous: number | null,
  { lowerIsBetter = false } = {},
): Change | null {
  if (value === null || previous === null) return null;
  if (value === previous) return { text: `0${narrowSpace}%`, direction: "same", tone: "neutral" };
  const direction = value > previous ? "up" : "down";
  const tone = (direction === "up") === lowerIsBetter ? "worse" : "better";
  if (previous === 0) return { text: "from 0", direction, tone: "neutral" };
  const share = Math.abs(value - previous) / Math.abs(previous);
  const text = share > 9.995 ? `${count(Math.round(share + 1))}×` : wholePercent(share);
  return { text, direction, tone };
}

function wholePercent(share: number): string {
  if (share < 0.0095) return percent(share);
  return `${Math.round(share * 100)}${narrowSpace}%`;
}

/** "4 s ago", "12 min ago", "3 h ago", "5 days ago". */
export function ago(thenMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - thenMs) / 1000));
  if (seconds < 2) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? "1 day ago" : `${days} days ago`;
}

/** "1 visitor", "2 visitors". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A probability or score with enough digits to tell small ones apart: 0.42, 0.0031. */
export function small(value: number): string {
  if (value === 0) return "0";
  if (Math.abs(value) >= 0.1) return value.toFixed(2);
  return Number(value.toPrecision(2)).toString();
}

function oneDecimal(value: number): string {
  return Number(value.toFixed(1)).toString();
}

const moneyFormats = new Map<string, Intl.NumberFormat>();

function moneyFormat(currency: string, digits: number, minimum = digits): Intl.NumberFormat {
  const key = `${currency} ${digits} ${minimum}`;
  let format = moneyFormats.get(key);
  if (!format) {
    const style = {
      currencyDisplay: "narrowSymbol",
      maximumFractionDigits: digits,
      minimumFractionDigits: minimum,
    } as const;
    try {
      format = new Intl.NumberFormat("en", { style: "currency", currency, ...style });
    } catch {
      format = new Intl.NumberFormat("en", style); // an unknown currency: the bare number
    }
    moneyFormats.set(key, format);
  }
  return format;
}
