// The pages of the demo shop as functions of the catalogue. {{SITE_ID}} stays in them: the server puts in
// the id of the demo's site when it serves a page.
import { brands, categories, products } from "./products.mjs";

const escape = (text) =>
  String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
export const euro = (price) => `€${price.toFixed(2).replace(/\.00$/, "")}`;
export const productPage = (product) => `product-${product.id}.html`;
export const categoryPage = (category) => `category-${category.id}.html`;
const pictureOf = (id) => `/demo/pictures/${id}.svg`;
const categoryOf = (id) => categories.find((category) => category.id === id);

const icon = {
  cart: '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M3 4h2.2l2.4 11h10.2l2-8H6.4"/><circle cx="9" cy="19.4" r="1.5"/><circle cx="16.4" cy="19.4" r="1.5"/></svg>',
  search: '<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="10.5" cy="10.5" r="6"/><path d="M15 15l5.5 5.5"/></svg>',
  heart: '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 20S4 14.6 4 9.2A4.2 4.2 0 0 1 12 7a4.2 4.2 0 0 1 8 2.2C20 14.6 12 20 12 20z"/></svg>',
  lamp: '<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><path d="M8 3h8l3.5 9h-15z"/><path d="M12 12v7M8 21h8"/></svg>',
};

/** The attributes by which the tracker knows which product an element is about. */
const about = (product) =>
  `data-attune-product="${product.id}" data-attune-name="${escape(product.name)}" ` +
  `data-attune-category="${product.category}" data-attune-brand="${escape(product.brand)}" ` +
  `data-attune-price="${product.price}"`;

const widget = ({ placement, title, item, count = 4 }) => `
<div class="recommend" data-attune-recommend data-placement="${placement}"${item ? ` data-item="${item}"` : ""}
     data-count="${count}" data-currency="EUR" data-title="${escape(title)}"></div>`;

export const card = (product) => `
<li class="card" ${about(product)}>
  <a class="card-link" href="/demo/${productPage(product)}">
    <img src="${pictureOf(product.id)}" width="400" height="400" alt="" loading="lazy">
    <span class="card-name">${escape(product.name)}</span>
    <span class="card-line">${escape(product.line)}</span>
    <span class="card-price">${euro(product.price)}</span>
  </a>
</li>`;

const grid = (list) => `<ul class="grid">${list.map(card).join("")}\n</ul>`;

/** A whole page around `body`. `here` marks its entry in the navigation. */
export function page({ title, description, body, here = "" }) {
  const entries = [
    ["products.html", "Everything"],
    ...categories.map((category) => [categoryPage(category), category.name]),
  ];
  const links = entries.map(([href, name]) =>
    `<a href="/demo/${href}"${href === here ? ' aria-current="page"' : ""}>${name}</a>`).join("\n      ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} · Loam &amp; Lantern</title>
<meta name="description" content="${escape(description)}">
<link rel="icon" href="/demo/pictures/mark.svg">
<link rel="stylesheet" href="/demo/shop.css">
<script defer src="/t.js" data-site="{{SITE_ID}}" data-strip-prefix="/demo" data-currency="EUR"></script>
<script defer src="/w.js"></script>
<script defer src="/demo/shop.js"></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
  <div class="bar">
    <a class="logo" href="/demo/index.html">${icon.lamp}<span>Loam &amp; Lantern</span></a>
    <form class="search" action="/demo/search.html" role="search">
      <label class="unseen" for="q">Search the shop</label>
      <input id="q" name="q" type="search" placeholder="Search" autocomplete="off">
      <button aria-label="Search">${icon.search}</button>
    </form>
    <a class="cart-link" href="/demo/cart.html">${icon.cart}<span>Cart</span><span class="count" data-cart-count hidden></span></a>
  </div>
  <nav class="bar sections" aria-label="Shop">
      ${links}
  </nav>
</header>
<main id="main">
${body.trim()}
</main>
<footer class="bottom">
  <div class="bar">
    <p><strong>Loam &amp; Lantern</strong><br>Things for a quiet home.</p>
    <p><a href="/demo/about.html">About us</a><br><a href="/demo/care.html">How to care for things</a></p>
    <p><a href="/demo/delivery.html">Delivery and returns</a><br><a href="/demo/contact.html">Contact</a></p>
    <p class="note">This is the demo shop of Attune. Shop, makers and things are invented, nothing is sold and
      nothing is charged. What you do here shows on <a href="/">the dashboard</a> a second later.</p>
  </div>
</footer>
</body>
</html>
`;
}

const crumbs = (...steps) =>
  `<nav class="crumbs" aria-label="You are here"><a href="/demo/index.html">Home</a>${steps
    .map(([href, name]) => (href ? ` <span>/</span> <a href="/demo/${href}">${escape(name)}</a>` : ` <span>/</span> <span aria-current="page">${escape(name)}</span>`))
    .join("")}</nav>`;

export function indexPage() {
  const picks = ["reading-chair", "ember-teapot", "monstera", "dusk-table-lamp", "moorland-throw", "iron-pan", "reed-vase", "ladder-shelf"];
  return page({
    title: "Things for a quiet home",
    description: "Ceramics, lamps, plants, wool, good tools and plain furniture.",
    body: `
<section class="hero">
  <div class="hero-words">
    <h1>Things for a quiet home</h1>
    <p>Clay that was thrown by hand, lamps that know when it is evening, plants that forgive you. Thirty things,
      chosen slowly.</p>
    <a class="button" href="/demo/products.html">See everything</a>
  </div>
  <img src="/demo/pictures/hero.svg" width="1400" height="620" alt="A green armchair on a red rug, a small table, a lamp and a large plant">
</section>
<section aria-labelledby="rooms">
  <h2 id="rooms">Where would you like to begin?</h2>
  <ul class="tiles">${categories.map((category) => `
    <li><a class="tile" href="/demo/${categoryPage(category)}">
      <img src="${pictureOf(category.picture)}" width="400" height="400" alt="">
      <span>${category.name}</span></a></li>`).join("")}
  </ul>
</section>
<section>${widget({ placement: "home", title: "Picked for you" })}
</section>
<section aria-labelledby="season">
  <h2 id="season">For the dark months</h2>
  ${grid(picks.map((id) => products.find((product) => product.id === id)))}
</section>
<section class="letter">
  <div>
    <h2>A letter, four times a year</h2>
    <p>New things, old things mended, and one recipe. Nothing else.</p>
  </div>
  <form id="newsletter" action="/demo/index.html" method="post" data-attune-event="newsletter_signup" data-thanks="Thank you. The next letter comes with the season.">
    <label for="letter-email">Your e-mail address</label>
    <div class="row"><input id="letter-email" name="email" type="email" required autocomplete="email" data-attune-ignore placeholder="you@example.org"><button class="button">Send it to me</button></div>
  </form>
</section>`,
  });
}

export function productsPage() {
  return page({
    title: "Everything",
    description: "All thirty things of the shop.",
    here: "products.html",
    body: `
${crumbs([null, "Everything"])}
<h1>Everything</h1>
<form class="filters" data-filters aria-label="Narrow down">
  <label>Maker <select name="maker"><option value="">All makers</option>${brands.map((name) => `<option>${name}</option>`).join("")}</select></label>
  <label>Up to <select name="price"><option value="">Any price</option>${[25, 50, 100, 200].map((n) => `<option value="${n}">€${n}</option>`).join("")}</select></label>
  <label>Order <select name="order"><option value="">By room</option><option value="low">Price, low first</option><option value="high">Price, high first</option></select></label>
  <span class="found" data-found role="status">${products.length} things</span>
</form>
${grid(products)}
${widget({ placement: "listing", title: "You might also like" })}`,
  });
}

export function categoryPageOf(category) {
  const list = products.filter((product) => product.category === category.id);
  return page({
    title: category.name,
    description: category.line,
    here: categoryPage(category),
    body: `
${crumbs(["products.html", "Everything"], [null, category.name])}
<div class="lead"><h1>${category.name}</h1><p>${escape(category.line)}</p></div>
${grid(list)}
${widget({ placement: "category", item: list[0].id, title: "Goes well with it" })}`,
  });
}

export function productPageOf(product) {
  const category = categoryOf(product.category);
  return page({
    title: product.name,
    description: product.line,
    here: categoryPage(category),
    body: `
${crumbs([categoryPage(category), category.name], [null, product.name])}
<article class="product" data-attune-view ${about(product)}>
  <img class="product-picture" src="${pictureOf(product.id)}" width="400" height="400" alt="${escape(product.name)}">
  <div class="product-words">
    <p class="maker">${escape(product.brand)}</p>
    <h1>${escape(product.name)}</h1>
    <p class="line">${escape(product.line)}</p>
    <p class="price">${euro(product.price)} <small>with tax, delivery from €4</small></p>
    <div class="row buy">
      <label>Number <input type="number" min="1" max="9" value="1" data-quantity></label>
      <button class="button" data-attune-action="cart_add" data-add="${product.id}">Add to cart</button>
      <button class="button plain" data-attune-action="wishlist_add" data-wish="${product.id}" aria-pressed="false">${icon.heart}<span>Keep in mind</span></button>
    </div>
    <p class="said" role="status" data-said></p>
    <p>${escape(product.text)}</p>
    <ul class="facts">${product.facts.map((fact) => `<li>${escape(fact)}</li>`).join("")}</ul>
    <details><summary>Delivery and returns</summary><p>Sent within two days, packed in paper. Send it back within 60 days
      if it does not feel at home. <a href="/demo/delivery.html">All of it in full</a>.</p></details>
    <details><summary>Ask about it</summary><p>We know every thing by hand. <a href="/demo/contact.html">Write to us</a>.</p></details>
  </div>
</article>
${widget({ placement: "product", item: product.id, title: "You may like these too" })}`,
  });
}

export function searchPage() {
  return page({
    title: "Search",
    description: "Find a thing by its name, maker or room.",
    body: `
${crumbs([null, "Search"])}
<h1 data-search-title>Search</h1>
<ul class="grid" data-search-results aria-live="polite"></ul>
<div class="empty" data-search-empty hidden><p>Nothing by that name. Try a room, a maker or a material: <a href="/demo/search.html?q=wool">wool</a>,
  <a href="/demo/search.html?q=lamp">lamp</a>, <a href="/demo/search.html?q=oak">oak</a>.</p></div>
${widget({ placement: "search", title: "Perhaps one of these" })}`,
  });
}

export function cartPage() {
  return page({
    title: "Your cart",
    description: "What you are about to take home.",
    body: `
${crumbs([null, "Your cart"])}
<h1>Your cart</h1>
<div class="cart" data-cart hidden>
  <ul class="lines" data-cart-lines></ul>
  <aside class="sum" aria-label="Total">
    <p><span>Things</span><span data-sum-items></span></p>
    <p><span>Delivery</span><span data-sum-delivery></span></p>
    <p class="total"><span>Together</span><span data-sum-total></span></p>
    <a class="button" href="/demo/checkout.html">Go to checkout</a>
  </aside>
</div>
<div class="empty" data-cart-empty hidden><p>There is nothing in it yet. <a href="/demo/products.html">Look around</a>: nothing here is in a hurry.</p></div>
${widget({ placement: "cart", title: "Before you go" })}`,
  });
}

export function checkoutPage() {
  const field = (name, label, attributes, wide = "") =>
    `<p class="field ${wide}"><label for="${name}">${label}</label><input id="${name}" name="${name}" ${attributes}></p>`;
  return page({
    title: "Checkout",
    description: "Address, delivery, payment.",
    body: `
<h1>Checkout</h1>
<ol class="steps" aria-label="Steps"><li data-step-mark="1" aria-current="step">Address</li><li data-step-mark="2">Delivery</li><li data-step-mark="3">Payment</li></ol>
<div class="empty" data-cart-empty hidden><p>Your cart is empty, so there is nothing to pay. <a href="/demo/products.html">Look around first</a>.</p></div>
<form class="checkout" id="checkout" method="post" action="/demo/thanks.html" data-checkout hidden novalidate>
  <fieldset data-step="1"><legend>Where does it go?</legend>
    ${field("name", "Name", 'required autocomplete="name" value="Robin Sample" data-attune-ignore', "wide")}
    ${field("email", "E-mail", 'type="email" required autocomplete="email" value="robin@example.org" data-attune-ignore', "wide")}
    ${field("street", "Street and number", 'required autocomplete="street-address" value="7 Harbour Lane" data-attune-ignore', "wide")}
    ${field("postcode", "Postcode", 'required autocomplete="postal-code" value="12345" data-attune-ignore')}
    ${field("city", "Town", 'required autocomplete="address-level2" value="Sampleton"')}
    <button class="button" type="button" data-next="2">On to delivery</button>
  </fieldset>
  <fieldset data-step="2" hidden><legend>How shall we send it?</legend>
    <p class="choice"><label><input type="radio" name="delivery" value="post" checked> <span><b>By post</b>, two to three days, €4</span></label></p>
    <p class="choice"><label><input type="radio" name="delivery" value="bicycle"> <span><b>By bicycle</b>, today if you live near, €9</span></label></p>
    <p class="choice"><label><input type="radio" name="delivery" value="pickup"> <span><b>You come by</b>, whenever you like, free</span></label></p>
    <p class="choice"><label><input type="checkbox" name="gift" value="yes"> <span>Wrap it as a present</span></label></p>
    <button class="button plain" type="button" data-next="1">Back</button> <button class="button" type="button" data-next="3">On to payment</button>
  </fieldset>
  <fieldset data-step="3" hidden><legend>How would you like to pay?</legend>
    <p class="hint">A demo: this is the test card that banks print in their manuals. It never leaves your browser; the tracker does
      not read fields of this kind.</p>
    ${field("card_number", "Card number", 'inputmode="numeric" autocomplete="cc-number" required value="4242 4242 4242 4242"', "wide")}
    ${field("card_expiry", "Valid until", 'autocomplete="cc-exp" required value="12 / 34"')}
    ${field("card_cvc", "Security code", 'inputmode="numeric" autocomplete="cc-csc" required value="123"')}
    <p class="total wide"><span>Together</span> <span data-sum-total></span></p>
    <button class="button plain" type="button" data-next="2">Back</button> <button class="button" data-place>Place the order</button>
  </fieldset>
</form>`,
  });
}

export function thanksPage() {
  return page({
    title: "Thank you",
    description: "Your order is in.",
    body: `
<section class="narrow">
  <h1>Thank you</h1>
  <div data-order hidden><p>Your order <strong data-order-id></strong> over <strong data-order-total></strong> is in. In a real shop somebody would now
    look for a box of the right size.</p>
  <ul class="lines" data-order-lines></ul></div>
  <p data-order-none hidden>There is no order here. Perhaps it was placed in another window.</p>
  <p><a class="button" href="/demo/index.html">Back to the shop</a></p>
</section>
${widget({ placement: "thanks", title: "For next time" })}`,
  });
}

export function contactPage() {
  return page({
    title: "Contact",
    description: "Write to us.",
    body: `
${crumbs([null, "Contact"])}
<div class="two">
  <section>
    <h1>Write to us</h1>
    <p>About a crack in the glaze, a lamp that will not dim, or what to put where the old sofa stood. We answer within a day,
      and a person does it.</p>
    <form id="contact" action="/demo/contact.html" method="post" data-thanks="Thank you, we have your letter. (In the demo it went nowhere.)">
      <p class="field wide"><label for="topic">It is about</label><select id="topic" name="topic"><option>An order</option><option>A thing in the shop</option><option>Something broken</option><option>Something else</option></select></p>
      <p class="field wide"><label for="contact-name">Your name</label><input id="contact-name" name="name" autocomplete="name" required></p>
      <p class="field wide"><label for="contact-email">E-mail, for the answer</label><input id="contact-email" name="email" type="email" autocomplete="email" required data-attune-ignore></p>
      <p class="field wide"><label for="message">Your letter</label><textarea id="message" name="message" rows="6" required data-attune-ignore></textarea></p>
      <p class="choice wide"><label><input type="checkbox" name="newsletter" value="yes"> <span>Send me the letter, four times a year</span></label></p>
      <button class="button">Send</button>
    </form>
  </section>
  <aside class="panel">
    <h2>Or come by</h2>
    <p>Quay Street 12<br>Sampleton</p>
    <p>Tuesday to Saturday, ten to six.<br>There is tea.</p>
    <img src="${pictureOf("ember-teapot")}" width="400" height="400" alt="" loading="lazy">
  </aside>
</div>`,
  });
}

const article = ({ title, description, file, body, aside }) => page({
  title, description, here: file,
  body: `
${crumbs([null, title])}
<article class="prose">
<h1>${escape(title)}</h1>
${body.trim()}
</article>
${aside ?? ""}`,
});

export function aboutPage() {
  return article({
    title: "About us", file: "about.html",
    description: "Who chooses the things.",
    body: `
<p class="first">Loam &amp; Lantern began with a mug. It was bought on a rainy day, used every morning for eleven years, dropped, glued,
and used for four more. We asked ourselves why most of what we owned was not like that mug.</p>
<h2>How we choose</h2>
<p>A thing has to earn its place three times: when you first pick it up, when you clean it, and when it breaks. So we hold it, we
wash it, and we ask its maker how it is mended. Two of three we send back.</p>
<h2>The makers</h2>
<p>There are five, and we know where each of them keeps the key. <b>Saltmarsh</b> throws and dyes by the sea. <b>Alder Row</b> works in
wood and light, in an old school. <b>Fenwick Mill</b> has woven since before there was electricity in the valley. <b>Ostra</b> bends
and spins metal. <b>Brannock</b> forges, and does not answer the telephone.</p>
<h2>What we do not do</h2>
<p>There is no sale, no countdown, no last piece left. The price is the price. If you wait a year it will still be here, and so,
we hope, will we.</p>`,
    aside: widget({ placement: "article", title: "Chosen things" }),
  });
}

export function carePage() {
  return article({
    title: "How to care for things", file: "care.html",
    description: "Clay, iron, wood, wool and green things.",
    body: `
<p class="first">Most things last as long as somebody looks after them. It takes less than one thinks.</p>
<h2 id="clay">Clay</h2>
<p>Stoneware does not mind the dishwasher, but it minds the shock: do not take a bowl from the fridge to the oven. A teapot wants
water only. The brown in it is tea, and tea is the point.</p>
<h2 id="iron">Iron</h2>
<p>Wipe the pan while it is warm, with coarse salt if something stuck, and rub in a drop of oil. Should it rust, scrub it down to the
grey, oil it, and put it in the oven for an hour. It has forgotten the whole affair by breakfast.</p>
<h2 id="steel">Steel</h2>
<p>A carbon blade turns blue, then grey. That is not dirt but a coat it puts on. Dry it after the lemon, strop it on Sundays, and
have it ground once a year.</p>
<h2 id="wood">Wood</h2>
<p>Wood drinks. When a board looks pale, give it oil: thin, with a rag, on both sides, and leave it standing over night. Hot pans leave
rings on oak; a little oil and fine steel wool along the grain take them away again.</p>
<h2 id="wool">Wool and linen</h2>
<p>Wool airs better than it washes. Hang a throw out on a foggy day and it comes back clean. Linen likes to be washed, and grows softer
each time. Neither wants the dryer.</p>
<h2 id="green">Green things</h2>
<p>More plants drown than dry up. Put a finger into the soil: dry to the second joint means water, anything else means wait. In
winter, halve it. Turn the pot a quarter each week and it grows straight.</p>
<h2 id="mending">And when it breaks</h2>
<p>Write to us before you throw it away. We have glue, thread and friends. <a href="/demo/contact.html">Here is the way</a>.</p>`,
    aside: widget({ placement: "article", title: "Worth looking after" }),
  });
}

export function deliveryPage() {
  return article({
    title: "Delivery and returns", file: "delivery.html",
    description: "How it comes to you, and how it may go back.",
    body: `
<p class="first">Packed in paper, sent within two days, taken back within sixty.</p>
<table><thead><tr><th>How</th><th>When</th><th>Price</th></tr></thead><tbody>
<tr><td>By post</td><td>two to three days</td><td>€4</td></tr>
<tr><td>By bicycle, near us</td><td>the same day</td><td>€9</td></tr>
<tr><td>Furniture, carried up</td><td>by appointment</td><td>€39</td></tr>
<tr><td>You come by</td><td>whenever you like</td><td>free</td></tr></tbody></table>
<h2>Plants in winter</h2>
<p>Below five degrees we keep green things here and write to you. They travel on the first mild day.</p>
<h2>Sending back</h2>
<p>Put it in the box it came in and tell us. We pay the way back when something is wrong with the thing, you pay it when something is
wrong with the colour of your wall.</p>
<h2>Broken on the way</h2>
<p>Send a picture, keep the pieces for your plants as drainage, and a new one leaves us the next day.
<a href="/demo/contact.html">Write to us</a>.</p>`,
  });
}
