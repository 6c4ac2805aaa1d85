// Writes the demo shop's pages, pictures and catalogue into ../pages from the descriptions beside this file.
//   node examples/shop/design/build.mjs            writes
//   node examples/shop/design/build.mjs --check    fails when what is there differs (a test runs this)
// shop.css, shop.js there are written by hand and left alone.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { art, hero, picture } from "./art.mjs";
import { categories, products } from "./products.mjs";
import * as templates from "./templates.mjs";

const byHand = ["shop.css", "shop.js"];
const pages = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../pages");

const files = new Map([
  ["index.html", templates.indexPage()],
  ["products.html", templates.productsPage()],
  ["search.html", templates.searchPage()],
  ["cart.html", templates.cartPage()],
  ["checkout.html", templates.checkoutPage()],
  ["thanks.html", templates.thanksPage()],
  ["contact.html", templates.contactPage()],
  ["about.html", templates.aboutPage()],
  ["care.html", templates.carePage()],
  ["delivery.html", templates.deliveryPage()],
  ["pictures/hero.svg", hero()],
  ["pictures/mark.svg",
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="#2f5d4e"/>' +
    '<path d="M9 5h6l3 7H6z" fill="#f3c96b"/><path d="M12 12v6M9 19h6" stroke="#f6efe2" stroke-width="1.8" stroke-linecap="round"/></svg>\n'],
]);
for (const category of categories) {
  files.set(templates.categoryPage(category), templates.categoryPageOf(category));
}
for (const product of products) {
  files.set(templates.productPage(product), templates.productPageOf(product));
  files.set(`pictures/${product.id}.svg`,
    picture(product.wall, product.shadow, art[product.drawing](product.colours)));
}
// The body of PUT /api/v1/sites/{site}/products.
const catalogue = products.map((product) => ({
  id: product.id,
  name: product.name,
  category: product.category,
  brand: product.brand,
  price: product.price,
  stock: 100,
  url: `/demo/${templates.productPage(product)}`,
  image: `/demo/pictures/${product.id}.svg`,
}));
files.set("catalogue.json", `[\n${catalogue.map((line) => "  " + JSON.stringify(line)).join(",\n")}\n]\n`);

const there = existsSync(pages)
  ? readdirSync(pages, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(pages, path.join(entry.parentPath ?? entry.path, entry.name)))
  : [];
const stale = there.filter((name) => !files.has(name) && !byHand.includes(name));
const changed = [...files].filter(([name, text]) =>
  !there.includes(name) || readFileSync(path.join(pages, name), "utf8") !== text).map(([name]) => name);

if (process.argv.includes("--check")) {
  for (const name of [...changed, ...stale]) console.error(`examples/shop/pages/${name} is not what design/ describes`);
  process.exit(changed.length + stale.length ? 1 : 0);
}
for (const name of stale) rmSync(path.join(pages, name));
for (const name of changed) {
  mkdirSync(path.dirname(path.join(pages, name)), { recursive: true });
  writeFileSync(path.join(pages, name), files.get(name));
}
console.log(`${files.size} files, ${changed.length} written, ${stale.length} removed`);
