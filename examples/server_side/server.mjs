// A shop whose own server asks Attune and puts the items into the page: they are there for visitors
// without scripts and for search engines, and no second request shows up in the browser. w.js finds the
// decision in the markup and reports what was really seen and clicked.
//
//   node examples/server_side/server.mjs http://127.0.0.1:8080 demo-shop.example [port]
import { createServer } from "node:http";

const [attune, site, port = "8090"] = process.argv.slice(2);
if (!attune || !site) {
  console.error("usage: node server.mjs ATTUNE_URL SITE [port]");
  process.exit(2);
}

const WAIT_MS = 250; // a page does not wait longer: it comes without recommendations then
const COUNT = 4;

const escaped = (text) =>
  String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** What goes with a product; nothing when Attune is slow or away. */
async function recommended(item) {
  const query = new URLSearchParams({ item, n: String(COUNT), placement: "product" });
  try {
    const response = await fetch(
      `${attune}/api/v1/sites/${encodeURIComponent(site)}/recommendations?${query}`,
      { signal: AbortSignal.timeout(WAIT_MS) },
    );
    if (response.ok) return await response.json();
    console.error(`recommendations: status ${response.status}`);
  } catch (error) {
    console.error(`recommendations: ${error.message}`);
  }
  return { items: [] };
}

function list({ decision_id: decision, items }) {
  if (items.length === 0) return "";
  const card = (item) => `
      <li data-item="${escaped(item.item_id)}" data-rank="${item.rank}">
        <a href="/p/${encodeURIComponent(item.item_id)}">${escaped(item.name ?? item.item_id)}</a>
        <small>${escaped(item.reason ?? "")}</small>
      </li>`;
  // No decision id: nothing was recorded, and there is nothing to report.
  const recorded = decision
    ? ` data-attune-recommend data-placement="product" data-decision="${escaped(decision)}"`
    : "";
  return `
    <h2>Goes with it</h2>
    <ul${recorded}>${items.map(card).join("")}
    </ul>`;
}

const page = (id, answer) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>${escaped(id)}</title>
    <script defer src="${escaped(attune)}/t.js" data-site="${escaped(site)}"></script>
    <script defer src="${escaped(attune)}/w.js"></script>
  </head>
  <body>
    <main data-attune-view data-attune-product="${escaped(id)}">
    <h1>${escaped(id)}</h1>${list(answer)}
    </main>
  </body>
</html>
`;

function productOf(address) {
  try {
    return decodeURIComponent(address.match(/^\/p\/([^/?#]{1,200})/)?.[1] ?? "");
  } catch {
    return ""; // "%" and no number behind it
  }
}

const server = createServer(async (request, response) => {
  const id = productOf(request.url);
  if (!id) {
    response.writeHead(404, { "content-type": "text/plain" }).end("Products are at /p/ID\n");
    return;
  }
  const answer = await recommended(id);
  // The list is this visitor's: no cache may give it to the next one.
  response
    .writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" })
    .end(page(id, answer));
});
server.listen(Number(port), "127.0.0.1", () =>
  console.log(`http://127.0.0.1:${server.address().port}/p/ID`),
);
