// DEVELOPMENT ONLY. Serves the dashboard, bundled anew at each page load, with the invented numbers of
// mock_api.mjs, so that screens can be worked on without a server. Nothing in this folder is shipped.
//
//   npm run dev              invented data on http://127.0.0.1:20700
//   ATTUNE_URL=http://127.0.0.1:8080 npm run dev     the API of a real Attune instead
import { createServer, request } from "node:http";
import { bundle } from "../scripts/bundle.mjs";
import { MockApi } from "./mock_api.mjs";

const port = Number(process.env.PORT ?? 20700);
const real = process.env.ATTUNE_URL ? new URL(process.env.ATTUNE_URL) : null;
const mock = new MockApi();
const types = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".html": "text/html",
};
let files = await bundle({ minify: false, sourcemap: true });

createServer(async (incoming, answer) => {
  const { pathname } = new URL(incoming.url, "http://localhost");
  const isApi = pathname.startsWith("/api/");
  if (isApi && real) return forward(incoming, answer);
  if (isApi) return mock.answer(incoming, answer);
  const asset = files.get(pathname.slice(1));
  if (asset && pathname !== "/") return send(answer, 200, pathname, asset);
  if (pathname.startsWith("/assets/")) return send(answer, 404, ".html", "no such file");
  try {
    files = await bundle({ minify: false, sourcemap: true });
    send(answer, 200, ".html", files.get("index.html"));
  } catch (error) {
    send(answer, 500, ".html", `<pre>${String(error.message).replaceAll("<", "&lt;")}</pre>`);
  }
}).listen(port, "127.0.0.1", () =>
  console.log(`http://127.0.0.1:${port}  ${real ?? "invented data"}`),
);

function send(answer, status, name, body) {
  const type = types[/\.\w+$/.exec(name)?.[0]] ?? "text/html";
  answer.writeHead(status, {
    "content-type": `${type}; charset=utf-8`,
    "cache-control": "no-store",
  });
  answer.end(body);
}

function forward(incoming, answer) {
  const outgoing = request(
    {
      host: real.hostname,
      port: real.port,
      path: incoming.url,
      method: incoming.method,
      headers: incoming.headers,
    },
    (reply) => {
      answer.writeHead(reply.statusCode, reply.headers);
      reply.pipe(answer);
    },
  );
  outgoing.on("error", (error) => send(answer, 502, ".html", error.message));
  incoming.pipe(outgoing);
}
