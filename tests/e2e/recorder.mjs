// Two small servers for the browser scripts: a site whose pages a test writes, and on another port (so
// another origin) a collector that keeps what it gets and answers as the test says.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { sourceDir, waitFor } from "./harness.mjs";

const dist = path.resolve(process.env.ATTUNE_TRACKER_DIST ?? path.join(sourceDir, "tracker/dist"));
export const siteId = "11111111-2222-4333-8444-555555555555";

function listen(handler) {
  return new Promise((resolve, reject) => {
    const server = createServer(handler);
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const close = () =>
        new Promise((done) => {
          server.close(done);
          server.closeAllConnections();
        });
      resolve({ origin: `http://127.0.0.1:${server.address().port}`, close });
    });
  });
}

/**
 * pages        path -> HTML; "{{attune}}" in it becomes the tracker's script tag with `attributes`.
 * attributes   of the script tag, besides site: 'data-cookieless data-dnt'.
 * answer       called for each post; returns { status, headers } for other than 200.
 * recommend    called with the query of each recommendations or content request; returns the answer's object.
 */
export async function record({ pages, attributes = "", answer, recommend }) {
  if (!existsSync(path.join(dist, "t.js"))) {
    throw new Error(`no bundle in ${dist}: run tracker/build`);
  }
  const posts = [];
  const asked = [];
  const preflights = [];
  const collector = await listen(async (request, response) => {
    const url = new URL(request.url, "http://collector");
    response.setHeader("Access-Control-Allow-Origin", "*");
    if (request.method === "OPTIONS") {
      preflights.push(request.headers);
      response.setHeader("Access-Control-Allow-Headers", "*");
      response.end();
      return;
    }
    if (url.pathname === "/t.js" || url.pathname === "/w.js") {
      response.setHeader("Content-Type", "text/javascript");
      response.end(await readFile(path.join(dist, url.pathname)));
      return;
    }
    if (url.pathname.endsWith("/recommendations") || url.pathname.endsWith("/content")) {
      const query = Object.fromEntries(url.searchParams);
      asked.push({ path: url.pathname, ...query });
      const given = recommend?.(query) ?? { decision_id: null, items: [] };
      response.statusCode = given.status ?? 200;
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify(given));
      return;
    }
    let body = "";
    for await (const chunk of request) body += chunk;
    const post = { path: url.pathname, headers: request.headers, ...JSON.parse(body) };
    posts.push(post);
    const told = answer?.(post, posts.length) ?? {};
    response.writeHead(told.status ?? 200, { "Access-Control-Expose-Headers": "Retry-After", ...told.headers });
    response.end("{}");
  });
  const tag = (more = "") =>
    `<script defer src="${collector.origin}/t.js" data-site="${siteId}" ${attributes} ${more}></script>`;
  const site = await listen((request, response) => {
    const { pathname } = new URL(request.url, "http://site");
    const html = pages[pathname];
    response.statusCode = html === undefined ? 404 : 200;
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end(
      (html ?? "nothing here")
        .replace("{{attune}}", tag())
        .replace("{{widget}}", `<script defer src="${collector.origin}/w.js"></script>`),
    );
  });

  const events = (type) =>
    posts
      .filter((post) => !post.refused)
      .flatMap((post) => post.events)
      .filter((event) => !type || event.type === type);
  return {
    url: site.origin,
    collector: collector.origin,
    posts,
    asked,
    preflights,
    events,
    types: () => events().map((event) => event.type),
    /** Waits until `count` events of that type came, and returns them. */
    async until(type, count = 1) {
      await waitFor(`${count} ${type}`, async () => events(type).length >= count, { timeoutMs: 8000 });
      return events(type);
    },
    /** Long enough for anything that would be sent to have been sent. */
    settle: () => new Promise((resolve) => setTimeout(resolve, 700)),
    async close() {
      await site.close();
      await collector.close();
    },
  };
}
