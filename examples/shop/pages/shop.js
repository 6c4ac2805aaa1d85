// The demo shop's own script: cart, search, filters, checkout. It talks to the tracker only where markup
// cannot say it: quantities, searches, checkout steps, the order.
(() => {
  "use strict";
  const attune = (window.attune = window.attune || []); // calls wait here until the tracker is loaded
  const tell = (...call) => (window.attune || attune).push(call);
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const one = (selector, within = document) => within.querySelector(selector);
  const euro = (value) => "€" + value.toFixed(2).replace(/\.00$/, "");

  const read = (key, empty) => {
    try {
      return JSON.parse(localStorage.getItem("shop." + key)) || empty;
    } catch {
      return empty;
    }
  };
  const write = (key, value) => {
    try {
      localStorage.setItem("shop." + key, JSON.stringify(value));
    } catch {
      // no storage: the cart lasts as long as the page
    }
  };

  let cart = read("cart", {});
  const catalogue = fetch("/demo/catalogue.json").then((answer) => answer.json());
  const showCount = () => {
    const count = Object.values(cart).reduce((sum, quantity) => sum + quantity, 0);
    for (const badge of all("[data-cart-count]")) {
      badge.textContent = count;
      badge.hidden = count === 0;
    }
  };
  showCount();

  /** The lines of the cart as the tracker names items. */
  const lines = (products) =>
    Object.entries(cart).flatMap(([id, quantity]) => {
      const product = products.find((each) => each.id === id);
      return product ? [{ ...product, quantity }] : [];
    });
  const items = (list) =>
    list.map(({ id, name, category, brand, price, quantity }) => ({ id, name, category, brand, price, quantity }));
  const total = (list) => list.reduce((sum, line) => sum + line.price * line.quantity, 0);

  function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }
  const picture = (product) =>
    element("img", { src: product.image, width: 400, height: 400, alt: "", loading: "lazy" });
  const about = (product) => ({
    "data-attune-product": product.id,
    "data-attune-name": product.name,
    "data-attune-category": product.category,
    "data-attune-brand": product.brand,
    "data-attune-price": product.price,
  });

  // --- product page -------------------------------------------------------------------------------------
  for (const input of all("[data-quantity]")) {
    const product = input.closest("[data-attune-product]");
    input.addEventListener("input", () => {
      product.setAttribute("data-attune-quantity", Math.min(9, Math.max(1, Number(input.value) || 1)));
    });
  }
  for (const button of all("[data-add]")) {
    button.addEventListener("click", () => {
      const product = button.closest("[data-attune-product]");
      const quantity = Number(product.getAttribute("data-attune-quantity")) || 1;
      cart[button.dataset.add] = Math.min(99, (cart[button.dataset.add] || 0) + quantity);
      write("cart", cart);
      showCount();
      one("[data-said]").textContent = "It is in your cart.";
    });
  }
  for (const button of all("[data-wish]")) {
    const id = button.dataset.wish;
    const show = () => {
      const kept = read("wishes", []).includes(id);
      button.setAttribute("aria-pressed", kept);
      button.setAttribute("data-attune-action", kept ? "wishlist_remove" : "wishlist_add");
    };
    button.addEventListener("click", () => {
      const wishes = read("wishes", []);
      write("wishes", wishes.includes(id) ? wishes.filter((each) => each !== id) : [...wishes, id]);
      show();
    });
    show();
  }

  // --- listing ------------------------------------------------------------------------------------------
  const filters = one("[data-filters]");
  if (filters) {
    const grid = one(".grid");
    const cards = all(".card", grid);
    const price = (card) => Number(card.getAttribute("data-attune-price"));
    filters.addEventListener("input", () => {
      const { maker, price: limit, order } = Object.fromEntries(new FormData(filters));
      let found = 0;
      for (const card of cards) {
        card.hidden =
          (maker && card.getAttribute("data-attune-brand") !== maker) || (limit && price(card) > Number(limit));
        if (!card.hidden) ++found;
      }
      const sorted = order ? [...cards].sort((a, b) => (price(a) - price(b)) * (order === "low" ? 1 : -1)) : cards;
      grid.append(...sorted);
      one("[data-found]").textContent = found + (found === 1 ? " thing" : " things");
    });
    filters.addEventListener("submit", (event) => event.preventDefault());
  }

  // --- search -------------------------------------------------------------------------------------------
  const results = one("[data-search-results]");
  if (results) {
    const query = (new URLSearchParams(location.search).get("q") || "").trim();
    one("#q").value = query;
    catalogue.then((products) => {
      const words = query.toLowerCase().split(/\s+/).filter(Boolean);
      const found = products.filter((product) => {
        const text = `${product.name} ${product.category} ${product.brand}`.toLowerCase();
        return words.length && words.every((word) => text.includes(word.replace(/s$/, "")));
      });
      if (!query) return;
      one("[data-search-title]").textContent = `“${query}”`;
      one("[data-search-empty]").hidden = found.length > 0;
      for (const product of found) {
        const link = element("a", { class: "card-link", href: product.url }, picture(product),
          element("span", { class: "card-name" }, product.name),
          element("span", { class: "card-line" }, product.brand),
          element("span", { class: "card-price" }, euro(product.price)));
        results.append(element("li", { class: "card", ...about(product) }, link));
      }
      tell("search", query, { results: found.length });
    });
  }

  // --- cart ---------------------------------------------------------------------------------------------
  const showCart = (products) => {
    const list = lines(products);
    const box = one("[data-cart]");
    box.hidden = list.length === 0;
    one("[data-cart-empty]").hidden = list.length > 0;
    one("[data-cart-lines]").replaceChildren(
      ...list.map((line) => {
        const remove = element("button", { type: "button", "data-attune-action": "cart_remove" }, "Remove");
        remove.setAttribute("aria-label", `Remove ${line.name}`);
        remove.addEventListener("click", () => {
          delete cart[line.id];
          write("cart", cart);
          showCount();
          showCart(products);
        });
        const words = element("div", {}, element("a", { href: line.url }, line.name),
          element("small", {}, `${line.quantity} × ${euro(line.price)}`));
        return element("li", { ...about(line), "data-attune-quantity": line.quantity }, picture(line), words,
          element("span", { class: "amount" }, euro(line.price * line.quantity)), remove);
      }),
    );
    one("[data-sum-items]").textContent = euro(total(list));
    one("[data-sum-delivery]").textContent = euro(4);
    one("[data-sum-total]").textContent = euro(total(list) + 4);
  };
  if (one("[data-cart]")) catalogue.then(showCart);

  // --- checkout -----------------------------------------------------------------------------------------
  const checkout = one("[data-checkout]");
  const fees = { post: 4, bicycle: 9, pickup: 0 };
  if (checkout) {
    catalogue.then((products) => {
      const list = lines(products);
      checkout.hidden = list.length === 0;
      one("[data-cart-empty]").hidden = list.length > 0;
      if (!list.length) return;
      const fee = () => fees[new FormData(checkout).get("delivery")];
      const go = (step) => {
        for (const part of all("[data-step]")) part.hidden = part.dataset.step !== step;
        for (const mark of all("[data-step-mark]")) {
          if (mark.dataset.stepMark === step) mark.setAttribute("aria-current", "step");
          else mark.removeAttribute("aria-current");
        }
        one("[data-sum-total]").textContent = euro(total(list) + fee());
        tell("checkout", Number(step), items(list));
      };
      go("1");
      for (const button of all("[data-next]")) {
        button.addEventListener("click", () => {
          const fields = all("input", button.closest("[data-step]"));
          const forward = button.dataset.next > button.closest("[data-step]").dataset.step;
          if (forward && !fields.every((field) => field.reportValidity())) return;
          go(button.dataset.next);
          one(`[data-step="${button.dataset.next}"] input`).focus();
        });
      }
      checkout.addEventListener("submit", (event) => {
        event.preventDefault();
        const order = {
          id: "L" + Date.now().toString(36).toUpperCase(),
          revenue: total(list) + fee(),
          currency: "EUR",
          items: items(list),
        };
        write("order", { ...order, fresh: true });
        cart = {};
        write("cart", cart);
        location.href = "/demo/thanks.html";
      });
    });
  }

  // --- thanks -------------------------------------------------------------------------------------------
  const placed = one("[data-order]");
  if (placed) {
    const order = read("order", null);
    placed.hidden = !order;
    one("[data-order-none]").hidden = Boolean(order);
    if (order) {
      one("[data-order-id]").textContent = order.id;
      one("[data-order-total]").textContent = euro(order.revenue);
      catalogue.then((products) => {
        one("[data-order-lines]").append(
          ...order.items.map((line) => {
            const product = products.find((each) => each.id === line.id) || line;
            return element("li", {}, picture(product), element("div", {}, line.name,
              element("small", {}, `${line.quantity} × ${euro(line.price)}`)),
              element("span", { class: "amount" }, euro(line.price * line.quantity)));
          }),
        );
      });
      if (order.fresh) {
        // Once for each order, however often this page is looked at.
        const { fresh, ...told } = order;
        write("order", told);
        tell("purchase", told);
      }
    }
  }

  // --- forms that stay on their page ----------------------------------------------------------------------
  for (const form of all("form[data-thanks]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      form.replaceWith(element("p", { class: "done", role: "status" }, form.dataset.thanks));
    });
  }
})();
