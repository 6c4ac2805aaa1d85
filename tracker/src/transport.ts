// Gets events to the collector: small batches, retries with the same event ids (the server drops
// duplicates), and a beacon when the page goes away. text/plain keeps cross-origin posts free of a
// preflight, and is the only type a beacon may use across origins.

export type Fields = Record<string, unknown>;

const DELAY_MS = 250; // long enough for a page's first events to share a request
const BACKOFF_MS_MAX = 60_000;
const BATCH_EVENTS = 50;
const BATCH_CHARS = 40_000; // browsers allow 64 KiB of keepalive bodies in flight
const QUEUE_EVENTS = 200; // offline for long: the oldest go first
const UNSENT = "attune.unsent";

/**
 * url   of the collector.
 * keep  whether events that a failing server did not take may wait in sessionStorage for the next page.
 */
export function openTransport(url: string, site: string, keep: boolean) {
  // Events are texts from the start: one that cannot be written fails in the call that made it.
  let waiting: string[] = [];
  let flying: string[] = []; // sent, not yet answered
  let kept: string[] = []; // in sessionStorage
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  const take = (): string[] => {
    let chars = 0;
    let count = 0;
    while (count < BATCH_EVENTS && count < waiting.length) {
      chars += waiting[count]!.length;
      if (count && chars > BATCH_CHARS) break;
      ++count;
    }
    return waiting.splice(0, count);
  };

  const write = (events: string[]): string =>
    `{"site":${JSON.stringify(site)},"sent_at":${Date.now()},"events":[${events}]}`;

  const post = (body: string): Promise<Response> =>
    fetch(url, { method: "POST", body, keepalive: true, credentials: "omit" });

  const schedule = (delay: number): void => {
    if (!timer && !flying.length) timer = setTimeout(flush, delay);
  };

  const flush = (): void => {
    timer = undefined;
    if (!waiting.length) return;
    flying = take();
    post(write(flying)).then(
      (answer) =>
        done(
          answer.status === 429 || answer.status >= 500,
          Number(answer.headers.get("Retry-After")),
        ),
      () => done(true), // network error, or an answer we may not read
    );
  };

  const done = (failed: boolean, waitSeconds?: number): void => {
    if (failed) waiting = flying.concat(waiting);
    failures = failed ? failures + 1 : 0;
    flying = [];
    if (!waiting.length) return;
    // Half of the wait is random, so that a recovering server does not meet everybody at once.
    const backoff = Math.min(BACKOFF_MS_MAX, 500 * 2 ** failures) * (0.5 + Math.random() / 2);
    schedule(failures && Math.max((waitSeconds || 0) * 1000, backoff));
  };

  const add = (event: string): void => {
    waiting.push(event);
    waiting = waiting.slice(-QUEUE_EVENTS);
    schedule(DELAY_MS);
  };

  if (keep) {
    try {
      const unsent = JSON.parse(sessionStorage.getItem(UNSENT) || "[]");
      sessionStorage.removeItem(UNSENT);
      unsent.forEach(add);
    } catch {
      // nothing kept
    }
  }

  return {
    push: (event: Fields): void => add(JSON.stringify(event)),

    /** The page is going away or hidden: no answer can be waited for. */
    leave(): void {
      if (failures && keep) {
        // Also called twice for one leaving: what was kept stays kept.
        kept = [...new Set(kept.concat(flying, waiting))].slice(-BATCH_EVENTS);
        try {
          sessionStorage.setItem(UNSENT, JSON.stringify(kept));
        } catch {
          // full or forbidden: the beacon is then the only try
        }
      }
      while (waiting.length) {
        const body = write(take());
        if (!navigator.sendBeacon?.(url, body)) post(body).catch(() => 0); // the last try
      }
    },
  };
}
