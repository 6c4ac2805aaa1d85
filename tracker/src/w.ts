// The recommendation widget: fills <div data-attune-recommend> with what Attune recommends, says when the
// cards were really seen, and when one was clicked. It takes its space before it has anything to show, so
// that the page does not jump, and goes away when there is nothing. Attributes and custom properties are
// described in ../README.md.

interface Recommended {
  item_id: string;
  rank: number;
  reason?: string;
  name?: string;
  url?: string;
  image?: string;
  price?: number;
}

interface Answer {
  decision_id?: string;
  items?: Recommended[];
}

interface Tracker {
  ids():
    { site: string; host: string; visitor?: string; session?: string; user?: string } | undefined;
  send(type: string, fields: object): void;
  flush(): void;
}

const SEEN_SHARE = 0.5; // what counts as seen: half of the card for one second, in a visible tab
const SEEN_MS = 1000;
const NEAR = "400px"; // asked for a little before it scrolls into view
const TRACKER_WAIT_MS = 1500; // a blocked tracker must not keep the shop from recommending
const COUNT_MAX = 24;
const SLOT_WAIT_MS = 2000; // after it the page's own content shows
const TAG = "script[data-site]";

const STYLE = `
[data-attune-recommend][hidden]{display:none}
.attune-title{font-size:var(--attune-title-size,1.25em);margin:0 0 .6em;color:var(--attune-text,inherit)}
.attune-list{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(var(--attune-card-width,11em),100%),1fr));
gap:var(--attune-gap,1em);list-style:none;margin:0;padding:0}
[data-layout=row] .attune-list{display:flex;overflow-x:auto;scroll-snap-type:x proximity;padding-bottom:.5em}
[data-layout=row] .attune-card{flex:0 0 min(var(--attune-card-width,11em),80%);scroll-snap-align:start}
[data-layout=list] .attune-list{grid-template-columns:1fr}
[data-layout=list] .attune-link{flex-direction:row}
[data-layout=list] .attune-picture{width:var(--attune-list-picture,6em);flex:none}
[data-layout=list] .attune-text{height:auto;min-height:6em;flex:1;min-width:0}
.attune-card{display:flex;min-width:0;margin:0}
.attune-link{display:flex;flex-direction:column;width:100%;color:var(--attune-text,inherit);text-decoration:none;
background:var(--attune-card,transparent);border:var(--attune-border,1px solid rgba(128,128,128,.25));
border-radius:var(--attune-radius,10px);overflow:hidden;transition:transform .15s,box-shadow .15s}
a.attune-link:hover{box-shadow:var(--attune-shadow,0 6px 20px rgba(0,0,0,.12));transform:translateY(-2px)}
a.attune-link:focus-visible{outline:3px solid var(--attune-accent,#2f6f5e);outline-offset:2px}
.attune-picture{display:block;width:100%;aspect-ratio:var(--attune-picture-ratio,1/1);object-fit:cover;
background:var(--attune-picture,rgba(128,128,128,.12))}
.attune-text{display:flex;flex-direction:column;gap:.2em;padding:.7em .8em .8em;line-height:1.35;height:8.35em;flex:none}
.attune-name{font-weight:600;max-height:2.7em;overflow:hidden;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2}
.attune-price{font-weight:600;font-variant-numeric:tabular-nums;color:var(--attune-accent,inherit)}
.attune-reason{font-size:.8em;max-height:2.7em;overflow:hidden;margin-top:auto;color:var(--attune-muted,inherit);
opacity:var(--attune-reason-opacity,.85)}
.attune-wait .attune-text span{height:1.2em}
.attune-text,.attune-text *{box-sizing:border-box}
.attune-wait .attune-name,.attune-wait .attune-price,.attune-wait .attune-reason{border-radius:4px;
background:var(--attune-picture,rgba(128,128,128,.12));color:transparent}
@media (prefers-reduced-motion:reduce){.attune-link{transition:none}a.attune-link:hover{transform:none}}`;

const root = window as unknown as { attune?: Tracker | unknown[]; attuneRecommend?: () => void };
const own = document.currentScript as HTMLScriptElement | null;

function make(tag: string, name: string, text?: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = "attune-" + name;
  if (text !== undefined) element.textContent = text;
  return element;
}

/** An address the catalogue gave, if it is one that may stand in a page: never javascript:. */
function safeUrl(address: string | undefined, image: boolean): string | undefined {
  if (!address) return undefined;
  try {
    const url = new URL(address, location.href);
    return /^https?:$/.test(url.protocol) || (image && /^data:image\//.test(address))
      ? url.href
      : undefined;
  } catch {
    return undefined;
  }
}

function priceText(price: number | undefined, currency: string | undefined): string {
  if (typeof price !== "number" || price < 0) return "";
  try {
    const digits = Number.isInteger(price) ? 0 : 2; // 54, but 19.90
    return new Intl.NumberFormat(document.documentElement.lang || undefined, {
      ...(currency && { style: "currency", currency }),
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(price);
  } catch {
    return price.toFixed(2);
  }
}

function card(item: Recommended | null, currency: string | undefined): HTMLElement {
  const url = safeUrl(item?.url, false);
  const image = safeUrl(item?.image, true);
  const entry = make("li", item ? "card" : "card attune-wait");
  const link = make(url ? "a" : "div", "link");
  if (url) (link as HTMLAnchorElement).href = url;
  const picture = make(image ? "img" : "span", "picture");
  if (image) {
    // The name stands beside it: to a screen reader the picture would only repeat it.
    Object.assign(picture, { alt: "", loading: "lazy", decoding: "async", src: image });
  }
  const text = make("span", "text");
  text.append(
    make("span", "name", item ? item.name || item.item_id : ""),
    make("span", "price", priceText(item?.price, currency)),
    make("span", "reason", item?.reason || ""),
  );
  link.append(picture, text);
  entry.append(link);
  return entry;
}

/** Calls `action` with the tracker, or with null when there is none after a while. */
function withTracker(action: (tracker: Tracker | null) => void): void {
  let waiting = true;
  const go = (tracker: Tracker | null) => {
    if (waiting) action(tracker);
    waiting = false;
  };
  const early = (root.attune = root.attune || []);
  (early as unknown[]).push(go);
  setTimeout(() => go(null), TRACKER_WAIT_MS);
}

/** Puts the frame with `count` empty cards in place, and returns the list. */
function reserve(box: HTMLElement, count: number): HTMLElement {
  const title = box.dataset.title ?? "Recommended for you";
  const list = make("ul", "list");
  if (box.dataset.layout === "row") {
    list.tabIndex = 0; // a strip that scrolls must be reachable by keyboard
    list.setAttribute("aria-label", title || "Recommendations");
  }
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", title || "Recommendations");
  box.setAttribute("aria-busy", "true");
  box.hidden = false;
  for (let index = 0; index < count; ++index) list.append(card(null, undefined));
  // Empty cards say nothing to a screen reader, and the heading comes with them.
  list.setAttribute("aria-hidden", "true");
  box.replaceChildren(...(title ? [make(box.dataset.heading || "h2", "title", title)] : []), list);
  return list;
}

/** What a card shows: enough to answer for it. */
type Shown = Pick<Recommended, "item_id" | "rank">;

/** Reports cards once each has been seen long enough; those that get there together go together. */
function watch(cards: Element[], items: Shown[], report: (seen: Shown[]) => void): void {
  const timers = new Map<Element, ReturnType<typeof setTimeout>>();
  const inView = new Set<Element>();
  let seen: Shown[] = [];

  const mark = (element: Element): void => {
    timers.delete(element);
    observer.unobserve(element);
    inView.delete(element);
    if (!seen.length) {
      setTimeout(() => {
        report(seen);
        seen = [];
      }, 50);
    }
    seen.push(items[cards.indexOf(element)]!);
    if (!inView.size && !timers.size) document.removeEventListener("visibilitychange", update);
  };
  const update = (): void => {
    for (const element of cards) {
      const watching = timers.get(element);
      if (inView.has(element) && !document.hidden) {
        if (!watching)
          timers.set(
            element,
            setTimeout(() => mark(element), SEEN_MS),
          );
      } else if (watching) {
        clearTimeout(watching);
        timers.delete(element);
      }
    }
  };
  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (entry.intersectionRatio >= SEEN_SHARE) inView.add(entry.target);
        else inView.delete(entry.target);
      }
      update();
    },
    { threshold: SEEN_SHARE },
  );
  document.addEventListener("visibilitychange", update);
  for (const element of cards) observer.observe(element);
}

/** Makes addresses of the site's API with what is asked, or nothing when no site is known. */
function where(
  box: HTMLElement,
  tracker: Tracker | null,
  ask: Record<string, string | undefined>,
): ((path: string) => string) | undefined {
  const ids = tracker?.ids();
  const tag = document.querySelector<HTMLScriptElement>(TAG);
  const site = box.dataset.site || own?.dataset.site || ids?.site || tag?.dataset.site;
  const host = own?.dataset.host || ids?.host || (own ? new URL(own.src).origin : "");
  const query = new URLSearchParams();
  const all = { visitor: ids?.visitor, session: ids?.session, ...ask };
  for (const [name, value] of Object.entries(all)) if (value) query.set(name, value);
  return site
    ? (path) => `${host}/api/v1/sites/${encodeURIComponent(site)}/${path}?${query}`
    : undefined;
}

async function fill(
  box: HTMLElement,
  list: HTMLElement,
  count: number,
  tracker: Tracker | null,
): Promise<void> {
  const hide = () => {
    box.hidden = true;
    box.replaceChildren();
  };
  const address = where(box, tracker, {
    n: String(count),
    item: box.dataset.item,
    items: box.dataset.items, // a cart, with commas between
    category: box.dataset.category,
    query: box.dataset.query,
    placement: box.dataset.placement,
  });
  if (!address) return hide();

  let answer: Answer;
  try {
    const response = await fetch(address("recommendations"), { credentials: "omit" });
    if (!response.ok) return hide();
    answer = await response.json();
  } catch {
    return hide();
  }
  const items = (answer.items || []).slice(0, count);
  if (!items.length) return hide();

  const currency =
    box.dataset.currency ||
    document.querySelector<HTMLScriptElement>(TAG)?.dataset.currency;
  list.replaceChildren(...items.map((item) => card(item, currency)));
  list.removeAttribute("aria-hidden");
  box.removeAttribute("aria-busy");

  // Without a decision id nothing was recorded, and there is nothing to answer for.
  if (!tracker || !answer.decision_id) return;
  follow(box, Array.from(list.children), items, answer.decision_id, tracker);
}

/** Says which cards of a decision were seen, and which was clicked. */
function follow(
  box: HTMLElement,
  cards: Element[],
  items: Shown[],
  decision: string,
  tracker: Tracker,
): void {
  const about = (chosen: Shown[]) => ({
    decision_id: decision,
    items: chosen.map((item) => ({ id: item.item_id })),
    data: { ranks: chosen.map((item) => item.rank), placement: box.dataset.placement },
  });
  watch(cards, items, (seen) => tracker.send("recommendation_shown", about(seen)));
  const clicked = (event: MouseEvent) => {
    if (event.button > 1) return;
    const index = cards.findIndex((element) => element.contains(event.target as Node));
    if (index < 0) return;
    tracker.send("recommendation_click", about([items[index]!]));
    tracker.flush(); // by beacon: the page is about to go
  };
  box.addEventListener("click", clicked);
  box.addEventListener("auxclick", clicked);
}

/** A box that the site's own server has filled: nothing to ask, and nothing of it is changed. */
function adopt(box: HTMLElement, decision: string): void {
  const cards = Array.from(box.querySelectorAll<HTMLElement>("[data-rank]"));
  const items = cards.map(({ dataset }) => ({
    item_id: dataset.item || "",
    rank: Number(dataset.rank),
  }));
  withTracker((tracker) => tracker && follow(box, cards, items, decision, tracker));
}

interface Filled {
  slot: string;
  content: string | null;
  type?: string;
  item_id?: string;
  decision_id?: string;
}

/**
 * Fills <div data-attune-slot="KEY"> with what the server chose for the visitor. What the page has in it
 * stays, hidden but in its space, until the answer is there; and shows when there is none in time.
 */
async function fillSlot(box: HTMLElement, tracker: Tracker | null): Promise<void> {
  const query = where(box, tracker, { slot: box.dataset.attuneSlot, item: box.dataset.item });
  try {
    const response =
      query &&
      (await fetch(query("content"), {
        credentials: "omit",
        signal: AbortSignal.timeout(SLOT_WAIT_MS),
      }));
    const answer: { slots?: Filled[] } | false = !!response && response.ok && (await response.json());
    const filled = answer && answer.slots?.[0];
    if (filled && filled.content !== null) {
      if (filled.type === "html") box.innerHTML = filled.content;
      else box.textContent = filled.content;
      if (tracker && filled.decision_id && filled.item_id) {
        follow(box, [box], [{ item_id: filled.item_id, rank: 1 }], filled.decision_id, tracker);
      }
    }
  } catch {
    // The page's own content shows.
  }
  box.style.visibility = "";
}

const started = new WeakSet<Element>();

function start(box: HTMLElement): void {
  if (started.has(box)) return;
  started.add(box);
  if (box.dataset.decision) return adopt(box, box.dataset.decision);
  const count = Math.min(Math.max(Number(box.dataset.count) || 4, 1), COUNT_MAX);
  const list = reserve(box, count);
  const near = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      near.disconnect();
      withTracker((tracker) => void fill(box, list, count, tracker));
    },
    { rootMargin: NEAR },
  );
  near.observe(box);
}

function startSlot(box: HTMLElement): void {
  if (started.has(box)) return;
  started.add(box);
  box.style.visibility = "hidden";
  withTracker((tracker) => void fillSlot(box, tracker));
}

const scan = (): void => {
  document.querySelectorAll<HTMLElement>("[data-attune-recommend]").forEach(start);
  document.querySelectorAll<HTMLElement>("[data-attune-slot]").forEach(startSlot);
};

if (!root.attuneRecommend) {
  root.attuneRecommend = scan; // for pages that add boxes later
  try {
    const sheet = new CSSStyleSheet(); // allowed under a strict style-src, where <style> is not
    sheet.replaceSync(STYLE);
    document.adoptedStyleSheets = [sheet, ...document.adoptedStyleSheets];
  } catch {
    document.head.prepend(make("style", "style", STYLE));
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", scan);
  else scan();
}
