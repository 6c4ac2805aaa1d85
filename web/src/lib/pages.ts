// All rows of a table of the account: the API gives a thousand at a time.

import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, get, withQuery } from "./api";
import type { Resource } from "./resource";

const atOnce = 1_000;

export interface All<T> {
  rows: T[];
  /** There are more than were read. */
  cut: boolean;
}

interface Page<T> {
  [name: string]: T[] | boolean;
  more: boolean;
}

/** Reads up to `most` rows, the newest ones; a row that moved between two pages counts once. */
async function readAll<T extends { id: string }>(name: string, most: number): Promise<All<T>> {
  const rows = new Map<string, T>();
  for (let offset = 0; offset < most; offset += atOnce) {
    const page = await get<Page<T>>(withQuery(`/api/v1/${name}`, { limit: atOnce, offset }));
    for (const row of page[name] as T[]) rows.set(row.id, row);
    if (!page.more) return { rows: [...rows.values()], cut: false };
  }
  return { rows: [...rows.values()], cut: true };
}

export function useRows<T extends { id: string }>(name: string, most = 100_000): Resource<All<T>> {
  const [data, setData] = useState<All<T> | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [turn, setTurn] = useState(0);
  const latest = useRef(0);
  useEffect(() => {
    const mine = ++latest.current;
    readAll<T>(name, most).then(
      (all) => {
        if (mine !== latest.current) return;
        setData(all);
        setError(null);
      },
      (problem: unknown) => {
        if (mine === latest.current && problem instanceof ApiError) setError(problem);
      },
    );
    return () => {
      latest.current++;
    };
  }, [name, most, turn]);
  const reload = (): void => setTurn((n) => n + 1);
  return { data, stale: false, error, loading: data === null && error === null, reload };
}
