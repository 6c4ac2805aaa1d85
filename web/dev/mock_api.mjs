// DEVELOPMENT ONLY: the JSON API with invented but repeatable numbers. See serve.mjs.
//
// The query parameter of the page decides nothing here; to see special cases use the sites:
//   shop.example   a year of data        quiet.example   never had an event
//   broken.example every statistic fails  slow.example    answers after two seconds
const dayMs = 86_400_000;

function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const site = (n, domain, name) => ({
  id: `00000000-0000-4000-8000-00000000000${n}`,
  domain,
  name,
  timezone: "Europe/Berlin",
  currency: "EUR",
  allowed_origins: [],
  store_ip: true,
  created_at: "2026-01-10T09:00:00Z",
  snippet: `<script defer src="http://127.0.0.1:20700/t.js" data-site="00000000-0000-4000-8000-00000000000${n}"></script>`,
});

const paths = [
  ["/", "Kitchen things that last"],
  ["/products.html", "All products"],
  ["/products/carbon-steel-pan", "Carbon steel pan"],
  ["/cart", "Your cart"],
  ["/blog/how-to-season-a-pan-so-that-nothing-ever-sticks-to-it-again", "How to season a pan"],
  ["/products/paring-knife", "Paring knife"],
  ["/products/oak-board", "Oak board"],
  ["/checkout", "Checkout"],
  ["/contact.html", "Contact"],
  ["/products/linen-apron", "Linen apron"],
  ["/about", "About us"],
  ["/blog", "Journal"],
  ["/products/salt-pig", "Salt pig"],
  ["/shipping", "Shipping and returns"],
];
const products = [
  "Carbon steel pan",
  "Paring knife",
  "Oak board",
  "Linen apron",
  "Salt pig",
  "Copper whisk",
  "Bread tin",
  "Tea towel",
];
const channels = [
  ["search", 0.41],
  ["direct", 0.27],
  ["social", 0.13],
  ["referral", 0.08],
  ["email", 0.06],
  ["ai", 0.03],
  ["paid", 0.02],
];
const platforms = [
  ["Google", 0.33],
  ["", 0.27],
  ["Instagram", 0.09],
  ["DuckDuckGo", 0.05],
  ["Reddit", 0.04],
  ["ChatGPT", 0.03],
  ["Bing", 0.03],
];
const referrers = [
  ["google.com", "search", 0.33],
  ["instagram.com", "social", 0.09],
  ["duckduckgo.com", "search", 0.05],
  ["reddit.com", "social", 0.04],
  ["seriouseats.example", "referral", 0.04],
  ["chatgpt.com", "ai", 0.03],
];

/** Visitors of an hour: a week's rhythm, a day's rhythm, growth, noise that depends only on the hour. */
function visitorsAt(ms) {
  const date = new Date(ms);
  const noise = random(Math.floor(ms / 3_600_000));
  const day = 1 + 0.25 * Math.sin(((date.getUTCDay() + 2) / 7) * 2 * Math.PI);
  const hour = Math.max(0.06, Math.sin(((date.getUTCHours() - 5) / 24) * 2 * Math.PI) * 0.5 + 0.52);
  const growth = 0.6 + 0.4 * ((ms - Date.UTC(2026, 0, 1)) / (330 * dayMs));
  return 26 * day * hour * growth * (0.8 + 0.4 * noise());
}

function sum(from, to, step = 3_600_000) {
  let total = 0;
  const end = Math.min(to, Date.now());
  for (let at = from; at < end; at += step)
    total += visitorsAt(at) * Math.min(1, (end - at) / step);
  return Math.round(total);
}

const iso = (ms) => new Date(ms).toISOString();
const dayOf = (ms) => iso(ms).slice(0, 10);

function range(query) {
  const now = Date.now();
  const today = Math.floor(now / dayMs) * dayMs;
  const period = query.get("period") ?? "30d";
  if (query.get("from"))
    return [Date.parse(query.get("from")), Date.parse(query.get("to")) + dayMs];
  if (period === "today") return [today, today + dayMs];
  if (period === "yesterday") return [today - dayMs, today];
  if (period === "24h") return [Math.floor(now / 3_600_000) * 3_600_000 - 23 * 3_600_000, now];
  const days = { "7d": 7, "30d": 30, "90d": 90, "12mo": 365, all: 325 }[period] ?? 30;
  return [today - (days - 1) * dayMs, today + dayMs];
}

const before = ([from, to]) => [from - (to - from), from];
const perMetric = { visitors: 1, sessions: 1.18, pageviews: 3.4, events: 9.2, revenue: 4.1 };

export class MockApi {
  sites = [
    site(1, "shop.example", "Kitchen shop"),
    site(2, "quiet.example", "quiet.example"),
    site(3, "broken.example", "broken.example"),
    site(4, "slow.example", "slow.example"),
  ];
  keys = [
    {
      id: 1,
      name: "Shop backend",
      scope: "write",
      hint: "sk_4f1c",
      created_at: "2026-03-01T10:00:00Z",
    },
  ];
  jobs = [
    {
      id: "job-1",
      kind: "train",
      site: this.sites[0].id,
      state: "done",
      done: 1,
      rate: 0,
      message: "sequential-3 is in production",
      started_at: iso(Date.now() - 7_300_000),
      finished_at: iso(Date.now() - 7_200_000),
    },
    {
      id: "job-2",
      kind: "check",
      site: "",
      state: "failed",
      done: 0.4,
      rate: 0,
      message: "stopped by a restart",
      started_at: iso(Date.now() - 90_000_000),
      finished_at: iso(Date.now() - 89_000_000),
    },
  ];
  loggedIn = true;
  started = Date.now();

  async answer(incoming, outgoing) {
    const url = new URL(incoming.url, "http://localhost");
    let text = "";
    for await (const chunk of incoming) text += chunk;
    const send = (status, body) => {
      outgoing.writeHead(status, { "content-type": "application/json" });
      outgoing.end(body === undefined ? "" : JSON.stringify(body));
    };
    const fail = (status, code, message, field) =>
      send(status, { error: { code, message, ...(field && { field }) } });
    const body = text ? JSON.parse(text) : {};
    const parts = url.pathname.split("/").slice(3);
    if (parts[0] === "login") return this.login(incoming.method, body, send, fail);
    if (!this.loggedIn) return fail(401, "unauthenticated", "log in first");
    if (parts[0] === "account")
      return body.current === "wrong"
        ? fail(403, "permission_denied", "the current password is wrong")
        : send(200, {});
    if (parts[0] === "status") return send(200, this.status());
    if (parts[0] === "jobs") return send(200, { jobs: this.progress() });
    if (parts[0] !== "sites") return fail(404, "not_found", "no such route");
    if (parts.length === 1) {
      if (incoming.method === "GET") return send(200, { sites: this.sites });
      if (!body.domain.includes("."))
        return fail(400, "invalid_argument", "domain: must have a dot", "domain");
      const made = { ...site(this.sites.length + 1, body.domain, body.name), ...body };
      this.sites.push(made);
      return send(201, made);
    }
    const found = this.sites.find((each) => each.id === parts[1]);
    if (!found) return fail(404, "not_found", "no such site");
    if (parts.length === 2) {
      if (incoming.method === "PATCH") return send(200, Object.assign(found, body));
      this.sites = this.sites.filter((each) => each !== found);
      return send(200, {});
    }
    if (parts[2] === "keys") return this.keyRoutes(incoming.method, parts[3], body, send);
    if (parts[2] === "train") {
      this.jobs.unshift({
        id: `job-${this.jobs.length + 1}`,
        kind: "train",
        site: found.id,
        state: "running",
        done: 0,
        rate: 0,
        message: "reading visits",
        started_at: iso(Date.now()),
        finished_at: null,
      });
      return send(202, this.jobs[0]);
    }
    if (found.domain === "broken.example")
      return fail(503, "unavailable", "The database is busy; try again in a moment.");
    if (found.domain === "slow.example") await new Promise((resolve) => setTimeout(resolve, 2_000));
    const route = parts.slice(2).join("/");
    const make = this.stats[route];
    if (!make) return fail(404, "not_found", `no route ${route}`);
    send(200, make.call(this, url.searchParams, found.domain === "quiet.example" ? 0 : 1));
  }

  login(method, body, send, fail) {
    if (method === "DELETE") this.loggedIn = false;
    if (method === "POST") {
      if (body.password === "wrong")
        return fail(401, "unauthenticated", "user and password do not match");
      this.loggedIn = true;
    }
    if (method !== "DELETE" && !this.loggedIn) return fail(401, "unauthenticated", "log in first");
    send(200, { user: { name: "admin", role: "admin" }, csrf_token: "mock" });
  }

  keyRoutes(method, id, body, send) {
    if (method === "GET") return send(200, { keys: this.keys });
    if (method === "DELETE") {
      this.keys = this.keys.filter((key) => String(key.id) !== id);
      return send(200, {});
    }
    const made = {
      id: Date.now(),
      name: body.name,
      scope: body.scope,
      hint: "sk_9a2b",
      created_at: iso(Date.now()),
    };
    this.keys.push(made);
    send(201, { id: made.id, key: "sk_9a2b7c41d0e84f6f93b1c2a5e8d7f601", scope: made.scope });
  }

  status() {
    const up = (Date.now() - this.started) / 1000;
    return {
      version: "0.1.0",
      started_at: iso(this.started),
      uptime_seconds: up,
      data_dir: "/var/lib/attune",
      journal: {
        first: 0,
        durable_end: 88_213_044 + Math.round(up * 900),
        bytes: 88_213_044,
        state: "ok",
      },
      etl: {
        position: 88_213_044,
        lag_records_bytes: 812,
        lag_seconds: 0.2,
        records: 412_000 + Math.round(up * 14.5),
      },
      store: { bytes: 41_950_208 },
      memory_bytes: 183_500_800,
    };
  }

  progress() {
    for (const job of this.jobs) {
      if (job.state !== "running") continue;
      job.done = Math.min(1, job.done + 0.09);
      job.message = "counting neighbours";
      if (job.done === 1)
        Object.assign(job, {
          state: "done",
          finished_at: iso(Date.now()),
          message: "sequential-4 is in production",
        });
    }
    return this.jobs;
  }

  stats = {
    "stats/overview": (query, scale) => {
      const now = range(query);
      const compare = query.get("compare") !== "none" && query.get("period") !== "all";
      const earlier = before(now);
      const at = (factor, difference = 1) => ({
        value: Math.round(sum(...now) * factor * scale),
        previous: compare
          ? Math.round(
              sum(earlier[0], earlier[1] - (now[1] - Math.min(now[1], Date.now()))) *
                factor *
                difference *
                scale,
            )
          : null,
      });
      const visitors = at(1);
      const ratio = (value, previous) => ({
        value: scale ? value : null,
        previous: compare && scale ? previous : null,
      });
      return {
        range: { from: dayOf(now[0]), to: dayOf(now[1] - 1), timezone: "Europe/Berlin" },
        previous_range: compare
          ? { from: dayOf(earlier[0]), to: dayOf(earlier[1] - 1), timezone: "Europe/Berlin" }
          : null,
        metrics: {
          visitors,
          sessions: at(1.18),
          pageviews: at(3.4),
          events: at(9.2),
          bounce_rate: ratio(0.413, 0.437),
          avg_session_duration_seconds: ratio(134.2, 141),
          pages_per_session: ratio(2.88, 2.71),
          orders: at(0.031, 0.9),
          revenue: at(4.1, 0.93),
        },
      };
    },
    "stats/timeseries": (query, scale) => {
      const [from, to] = range(query);
      const days = (to - from) / dayMs;
      let interval = query.get("interval") ?? "auto";
      if (interval === "auto") interval = days <= 2 ? "hour" : days <= 92 ? "day" : "week";
      const step = {
        minute: 60_000,
        hour: 3_600_000,
        day: dayMs,
        week: 7 * dayMs,
        month: 30 * dayMs,
      }[interval];
      const factor = perMetric[query.get("metric")] * scale;
      const points = [];
      for (let at = from; at < Math.min(to, Date.now()); at += step) {
        points.push({
          t: iso(at),
          t_ms: at,
          value: Math.round(sum(at, at + step, Math.min(step, 3_600_000)) * factor),
          previous:
            query.get("compare") === "none"
              ? null
              : Math.round(
                  sum(at - (to - from), at - (to - from) + step, Math.min(step, 3_600_000)) *
                    factor,
                ),
        });
      }
      return { metric: query.get("metric"), interval, points, last_partial: to > Date.now() };
    },
    "stats/pages": (query, scale) => {
      const total = sum(...range(query)) * scale;
      const all = Array.from({ length: 143 }, (_, index) => {
        const [path, title] = paths[index] ?? [
          `/archive/${2000 + index}`,
          `Archive ${2000 + index}`,
        ];
        const visitors = Math.round((total * 0.5) / (1 + index * 0.55));
        return {
          path,
          title,
          visitors,
          pageviews: Math.round(visitors * 1.4),
          avg_time_on_page_seconds: index % 7 === 6 ? null : 20 + ((index * 37) % 190),
          entries: Math.round(visitors * 0.3),
        };
      });
      return {
        rows: scale ? all.slice(0, Number(query.get("limit"))) : [],
        total: scale ? all.length : 0,
      };
    },
    "stats/sources": (query, scale) => {
      const total = sum(...range(query)) * scale;
      const names = { type: channels, platform: platforms }[query.get("by")] ?? [
        ["newsletter", 0.05],
        ["instagram", 0.03],
        ["spring-sale", 0.02],
      ];
      const rows = names.map(([name, share], index) => ({
        name,
        visitors: Math.round(total * share),
        sessions: Math.round(total * share * 1.18),
        bounce_rate: 0.3 + 0.05 * index,
      }));
      return { rows: scale ? rows : [], total: scale ? rows.length : 0 };
    },
    "stats/referrers": (query, scale) => {
      const total = sum(...range(query)) * scale;
      const rows = referrers.map(([name, type, share]) => ({
        name,
        type,
        visitors: Math.round(total * share),
        sessions: Math.round(total * share * 1.18),
      }));
      return { rows: scale ? rows : [], total: scale ? rows.length : 0 };
    },
    "stats/realtime": (_, scale) => {
      const now = Date.now();
      const minute = Math.floor(now / 60_000) * 60_000;
      const kinds = [
        "pageview",
        "pageview",
        "click",
        "product_view",
        "scroll",
        "cart_add",
        "purchase",
        "recommendation_click",
      ];
      const events = [];
      for (let tick = Math.floor(now / 1_700); events.length < 30; tick--) {
        const next = random(tick);
        if (next() < 0.35) continue;
        const kind = kinds[Math.floor(next() * kinds.length)];
        const path = paths[Math.floor(next() ** 2 * paths.length)][0];
        events.push({
          t: iso(tick * 1_700),
          event_type: kind,
          path,
          country: ["DE", "AT", "CH", "FR", "US"][Math.floor(next() * 5)],
          device_type: next() < 0.6 ? "mobile" : "desktop",
          visitor: `v${Math.floor(next() * 14)}f0c1`,
        });
      }
      return {
        visitors_now: scale * (9 + Math.floor(random(minute / 60_000)() * 5)),
        visitors_30m: scale * 41,
        minutes: Array.from({ length: 30 }, (_, index) => {
          const at = minute - (29 - index) * 60_000;
          const visitors = scale * Math.round(random(at / 60_000)() * 9);
          return { t: iso(at), t_ms: at, visitors, pageviews: visitors * 2 };
        }),
        pages: scale
          ? paths.slice(0, 9).map(([path], index) => ({ path, visitors: 9 - index }))
          : [],
        sources: scale
          ? channels.slice(0, 5).map(([name], index) => ({ name, visitors: 11 - 2 * index }))
          : [],
        events: scale ? events : [],
      };
    },
    "recommendations/stats": (query, scale) => {
      const strategies = [
        ["sequential", 18_420, 0.064],
        ["popular", 9_210, 0.041],
        ["exploration", 310, 0.029],
      ].map(([strategy, shown, ctr]) => {
        const half = 1.96 * Math.sqrt((ctr * (1 - ctr)) / shown);
        return {
          strategy,
          shown: shown * scale,
          clicked: Math.round(shown * ctr * scale),
          converted: Math.round(shown * ctr * 0.09 * scale),
          revenue: Math.round(shown * ctr * 3.1 * scale),
          ctr,
          ctr_low: ctr - half,
          ctr_high: ctr + half,
        };
      });
      const total = (name) => strategies.reduce((all, row) => all + row[name], 0);
      return {
        totals: {
          decisions: 4_812 * scale,
          shown: total("shown"),
          clicked: total("clicked"),
          converted: total("converted"),
          revenue: total("revenue"),
          ctr: scale ? total("clicked") / total("shown") : null,
        },
        strategies: scale ? strategies : [],
        items: scale
          ? products.map((name, index) => ({
              item_id: `p${100 + index}`,
              name,
              shown: 4_100 - 430 * index,
              clicked: 240 - 24 * index,
              converted: 21 - 2 * index,
            }))
          : [],
        model: scale
          ? {
              version: "sequential-3",
              algorithm: "vmis_knn",
              trained_at: iso(Date.now() - 7_200_000),
              status: "production",
              metrics: {
                hr_20: 0.652,
                mrr_20: 0.337,
                ndcg_20: 0.409,
                predictions: 18_204,
                held_out_from: "2026-11-18T00:00:00Z",
                popularity: { hr_20: 0.214, mrr_20: 0.071, ndcg_20: 0.1 },
                mrr_gain_95: [0.259, 0.273],
              },
            }
          : null,
      };
    },
    recommendations: (query, scale) => ({
      decision_id: null,
      model_version: "sequential-3",
      items: products.slice(0, scale * Number(query.get("n"))).map((name, index) => ({
        item_id: `p${100 + index}`,
        rank: index + 1,
        score: 0.94 * 0.74 ** index,
        strategy: index % 4 === 3 ? "popular" : "sequential",
        propensity: 0.95 ** (index + 1),
        name,
        price: 24.5 + 7 * index,
        reason:
          index % 4 === 3 ? "Popular this week" : "People who looked at Oak board went on to this",
      })),
    }),
  };
}
