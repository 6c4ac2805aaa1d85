// Sorting and searching rows of a table. Pure; tested in tests/sort.test.ts.

export type CellValue = string | number | null;

export interface Sort {
  key: string;
  descending: boolean;
}

/** "-visitors" is visitors, largest first. */
export function parseSort(text: string): Sort {
  return text.startsWith("-")
    ? { key: text.slice(1), descending: true }
    : { key: text, descending: false };
}

export const sortText = (sort: Sort): string => (sort.descending ? "-" : "") + sort.key;

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Rows in order; equal ones stay as they are, missing values come last in both directions. */
export function sorted<R>(
  rows: readonly R[],
  value: (row: R) => CellValue,
  descending: boolean,
): R[] {
  return [...rows].sort((left, right) => {
    const a = value(left);
    const b = value(right);
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    const order =
      typeof a === "number" && typeof b === "number"
        ? a - b
        : collator.compare(String(a), String(b));
    return descending ? -order : order;
  });
}

/** Rows whose text has every word of the search in it, in any order, whatever the case. */
export function matching<R>(rows: readonly R[], text: (row: R) => string, search: string): R[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...rows];
  return rows.filter((row) => {
    const hay = text(row).toLowerCase();
    return words.every((word) => hay.includes(word));
  });
}
