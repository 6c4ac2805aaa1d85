// Traffic whose every number is known before it is sent. Built from day and visitor numbers alone, so
// that what the dashboard has to show can be counted here, by other means than Attune's.

const minuteMs = 60_000;
export const dayMs = 86_400_000;

const pages = ["/", "/products.html", "/product/pan", "/product/board", "/about", "/contact.html"];
const sources = [
  { name: "search", referrer: "https://www.google.com/" },
  { name: "direct", referrer: "" },
  { name: "social", referrer: "https://www.reddit.com/r/cooking" },
  { name: "referral", referrer: "https://kitchen-blog.example/best-pans" },
];

/** Start of the day `daysAgo` before the day of `nowMs`, in UTC. */
export const utcDay = (nowMs, daysAgo) => Math.floor(nowMs / dayMs) * dayMs - daysAgo * dayMs;

/**
 * Visits of whole past days: each visitor of a day is new, comes once, opens 1 to 4 pages a minute apart;
 * every fifth visit ends with an order.
 *
 * visitorsOn  how many come on the day so many days ago.
 * Returns     visits, oldest first: { day, visitor, source, events }.
 */
export function visitsOf(nowMs, days, visitorsOn) {
  const visits = [];
  for (let daysAgo = days; daysAgo >= 1; daysAgo--) {
    const start = utcDay(nowMs, daysAgo);
    for (let n = 0; n < visitorsOn(daysAgo); n++) {
      const visitor = `v${daysAgo}-${n}`;
      const session = `s${daysAgo}-${n}`;
      const source = sources[(n + daysAgo) % sources.length];
      const views = 1 + ((n * 7 + daysAgo) % 4);
      const begin = start + 6 * 3_600_000 + n * 3 * minuteMs;
      const events = [];
      for (let view = 0; view < views; view++) {
        const path = pages[(n + view * (1 + (n % 3))) % pages.length];
        events.push({
          type: "pageview",
          timestamp: new Date(begin + view * minuteMs).toISOString(),
          visitor_id: visitor,
          session_id: session,
          url: `https://shop.example${path}`,
          title: `Page ${path}`,
          user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
          ...(view === 0 && source.referrer ? { referrer: source.referrer } : {}),
        });
      }
      if (n % 5 === 4) {
        events.push({
          type: "purchase",
          timestamp: new Date(begin + views * minuteMs).toISOString(),
          visitor_id: visitor,
          session_id: session,
          url: "https://shop.example/checkout",
          user_agent: events[0].user_agent,
          order_id: `o${daysAgo}-${n}`,
          revenue: 20 + n,
          currency: "EUR",
          items: [{ id: "pan", name: "Pan", category: "kitchen", price: 20 + n, quantity: 1 }],
        });
      }
      visits.push({ day: start, visitor, source: source.name, events });
    }
  }
  return visits;
}

/** The numbers of the visits from `fromMs` (included) to `toMs` (not included), counted one by one. */
export function countVisits(visits, fromMs, toMs) {
  const inside = visits.filter((visit) => visit.day >= fromMs && visit.day < toMs);
  const events = inside.flatMap((visit) => visit.events);
  const views = events.filter((event) => event.type === "pageview");
  const purchases = events.filter((event) => event.type === "purchase");
  const bounces = inside.filter((visit) => visit.events.length === 1);
  const perPath = new Map();
  for (const view of views) {
    const path = new URL(view.url).pathname;
    const row = perPath.get(path) ?? { path, pageviews: 0, people: new Set() };
    row.pageviews++;
    row.people.add(view.visitor_id);
    perPath.set(path, row);
  }
  const perSource = new Map();
  for (const visit of inside) perSource.set(visit.source, (perSource.get(visit.source) ?? 0) + 1);
  return {
    visitors: new Set(inside.map((visit) => visit.visitor)).size,
    sessions: inside.length,
    pageviews: views.length,
    orders: purchases.length,
    revenue: purchases.reduce((sum, event) => sum + event.revenue, 0),
    bounceRate: inside.length === 0 ? null : bounces.length / inside.length,
    pages: [...perPath.values()].map(({ path, pageviews, people }) => ({
      path,
      pageviews,
      visitors: people.size,
    })),
    sources: perSource,
  };
}
