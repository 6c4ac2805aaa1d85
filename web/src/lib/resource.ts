// Data from the API for a component: cached by address, old data kept while new data loads, fetched
// again every so often while the page is visible.

import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, get } from "./api";

interface Entry {
  data: unknown;
  atMs: number;
}

interface Request<T> {
  answer: Promise<T>;
  /** Of one that was begun after it: its answer counts for both. */
  later: Promise<T> | null;
}

export interface Resource<T> {
  /** The latest data: of this address, or, while `stale`, of the address before. */
  data: T | null;
  /** The data is of another range or site; draw it dimmed. */
  stale: boolean;
  error: ApiError | null;
  /** No data yet, but under way. */
  loading: boolean;
  reload: () => void;
}

const cacheEntriesMax = 200;
const freshMs = 1_000; // younger answers are not asked for again
const cache = new Map<string, Entry>();
const pending = new Map<string, Request<unknown>>();
const watchers = new Map<string, Set<() => void>>();

function remember(path: string, data: unknown): void {
  cache.delete(path);
  cache.set(path, { data, atMs: Date.now() });
  if (cache.size > cacheEntriesMax) cache.delete(cache.keys().next().value as string);
}

/**
 * Starts a request unless one to the same address is under way.
 *
 * anew  one under way may have read what was before a change: ask again, and answer both with the later
 */
export function load<T>(path: string, anew = false): Promise<T> {
  const running = pending.get(path);
  if (running && !anew) return running.answer as Promise<T>;
  const request: Request<T> = { answer: get<T>(path), later: null };
  const settled = <R>(settle: () => R): R | Promise<T> => {
    if (request.later) return request.later;
    pending.delete(path);
    return settle();
  };
  request.answer = request.answer.then(
    (data) =>
      settled(() => {
        remember(path, data);
        return data;
      }),
    (error: unknown) =>
      settled(() => {
        throw error;
      }),
  );
  if (running) running.later = request.answer;
  pending.set(path, request);
  return request.answer;
}

/** Forgets answers whose address starts with `prefix`; components that show them load again. */
export function invalidate(prefix: string): void {
  for (const path of [...cache.keys()]) if (path.startsWith(prefix)) cache.delete(path);
  for (const path of new Set([...watchers.keys(), ...pending.keys()]))
    if (path.startsWith(prefix)) load(path, true).catch(() => {});
  for (const [path, all] of watchers)
    if (path.startsWith(prefix)) for (const reload of [...all]) reload();
}

export function forgetEverything(): void {
  cache.clear();
}

interface State {
  path: string | null;
  data: unknown;
  dataPath: string | null;
  error: ApiError | null;
}

/**
 * The answer to GET `path`; null asks for nothing.
 *
 * everyMs  fetch again this often while the page is visible; 0 for never.
 */
export function useResource<T>(path: string | null, { everyMs = 0 } = {}): Resource<T> {
  const [, redraw] = useState(0);
  const state = useRef<State>({ path: null, data: null, dataPath: null, error: null }).current;

  if (state.path !== path) {
    state.path = path;
    state.error = null;
    const cached = path === null ? undefined : cache.get(path);
    if (cached) {
      state.data = cached.data;
      state.dataPath = path;
    }
    if (path === null) state.data = state.dataPath = null;
  }

  const fetchNow = useRef((_: string, __ = false) => {});
  fetchNow.current = (wanted: string, anew = false) => {
    load<T>(wanted, anew).then(
      (data) => {
        if (state.path !== wanted) return;
        if (state.data === data && state.error === null) return;
        Object.assign(state, { data, dataPath: wanted, error: null });
        redraw((n) => n + 1);
      },
      (error: unknown) => {
        if (state.path !== wanted || !(error instanceof ApiError)) return;
        state.error = error;
        redraw((n) => n + 1);
      },
    );
  };

  useEffect(() => {
    if (path === null) return;
    const refresh = (): void => fetchNow.current(path);
    const cached = cache.get(path);
    if (cached && state.dataPath !== path) {
      // It came between drawing and now: somebody else had asked for it.
      Object.assign(state, { data: cached.data, dataPath: path, error: null });
      redraw((n) => n + 1);
    }
    if (!cached || Date.now() - cached.atMs > freshMs) refresh();
    let all = watchers.get(path);
    if (!all) watchers.set(path, (all = new Set()));
    all.add(refresh);

    let timer = 0;
    const tick = (): void => {
      if (document.visibilityState === "visible") refresh();
    };
    if (everyMs > 0) {
      timer = window.setInterval(tick, everyMs);
      document.addEventListener("visibilitychange", tick);
    }
    return () => {
      all.delete(refresh);
      if (all.size === 0) watchers.delete(path);
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, [path, everyMs]);

  return {
    data: state.data as T | null,
    stale: state.data !== null && state.dataPath !== path,
    error: state.error,
    loading: path !== null && state.data === null && state.error === null,
    reload: () => {
      state.error = null;
      redraw((n) => n + 1);
      if (path !== null) fetchNow.current(path, true);
    },
  };
}
