// Attune's tracker: tells the collector what happens on a page, and nothing about it that it need not
// know. It must never disturb the page: every entry from outside runs inside `guard`.
import { readConfig } from "./config";
import { describeForm } from "./forms";
import { openIdentity, optedOut, setOptedOut, uuid } from "./ids";
import { cleanUrl, linkTarget } from "./page";
import { type Fields, openTransport } from "./transport";

export interface Item {
  id: string;
  name?: string;
  category?: string;
  brand?: string;
  price?: number;
  quantity?: number;
}

export interface Order {
  id?: string;
  revenue?: number;
  currency?: string;
  items?: Item[];
}

const SETTLE_MS = 100; // a router's push and the redirects behind it are one navigation
const MILESTONES = [25, 50, 75, 100];
const INTERACTIVE =
  "a,button,select,summary,input[type=submit],input[type=button],input[type=image],input[type=checkbox]," +
  "input[type=radio],[role=button],[role=link],[role=tab],[role=menuitem],[data-attune-event],[data-attune-action]";

const root = window as unknown as { attune?: any };
const script = (document.currentScript ||
  document.querySelector("script[data-site][src*='t.js']")) as HTMLScriptElement | null;
const config = readConfig(script);

// A second copy of the script on a page stays silent; a list is calls made before this one loaded.
if (config && (!root.attune || Array.isArray(root.attune))) {
  const identity = openIdentity(config.cookieless);
  const transport = openTransport(config.host + "/api/v1/events", config.site, !config.cookieless);
  const off = () => config.disabled || optedOut();

  const guard =
    <A extends unknown[], R>(action: (...args: A) => R) =>
    (...args: A): R | undefined => {
      try {
        return action(...args);
      } catch (error) {
        if (config.debug) console.warn("attune:", error);
        return undefined;
      }
    };
  const listen = (target: EventTarget, name: string, action: (event: any) => void) =>
    target.addEventListener(name, guard(action), { capture: true, passive: true });

  // --- events -----------------------------------------------------------------------------------------

  let path = ""; // the place last reported, for telling navigations apart
  let query = "";
  let url = "";
  let referrer = document.referrer && cleanUrl(config, document.referrer);
  let depth = 0;

  const send = (type: string, fields?: Fields): void => {
    if (off()) return;
    const pageview = type === "pageview";
    if (!pageview && identity.expired()) {
      // Somebody comes back to an open page. Hiding or showing it is no visit; anything else begins
      // one, with the page they are on.
      if (type === "page_visibility") return;
      view();
    }
    const ids = identity.touch();
    transport.push({
      type,
      event_id: uuid(),
      timestamp: Date.now(),
      visitor_id: ids.visitor,
      session_id: ids.session,
      user_id: ids.user,
      url,
      title: document.title,
      ...(pageview && {
        referrer,
        screen: screen.width + "x" + screen.height,
        viewport: innerWidth + "x" + innerHeight,
        device_pixel_ratio: devicePixelRatio,
        language: navigator.language,
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      }),
      ...fields,
    });
  };

  const view = (): void => {
    path = location.pathname + (config.hash ? location.hash : "");
    query = location.search;
    url = cleanUrl(config, location.href);
    depth = 0;
    send("pageview");
    scan();
  };

  // --- navigation without loading -----------------------------------------------------------------------

  let settling: ReturnType<typeof setTimeout> | undefined;
  let pushed = false;

  const settle = (): void => {
    if (!settling) return;
    clearTimeout(settling);
    settling = undefined;
    const moved = location.pathname + (config.hash ? location.hash : "") !== path;
    // Replacing only the query is how pages remember filters while people type: not a new view.
    if (moved || (pushed && location.search !== query)) {
      referrer = url;
      view();
    }
    pushed = false;
  };
  const navigated = (push: boolean): void => {
    pushed = pushed || push;
    clearTimeout(settling);
    settling = setTimeout(guard(settle), SETTLE_MS);
  };
  for (const name of ["pushState", "replaceState"] as const) {
    const original = history[name];
    history[name] = function (this: History, ...args: Parameters<typeof original>) {
      original.apply(this, args);
      navigated(name === "pushState");
    };
  }
  listen(window, "popstate", () => navigated(true));
  if (config.hash) listen(window, "hashchange", () => navigated(true));

  // --- what people do -----------------------------------------------------------------------------------

  const itemOf = (element: Element | null): Item | null => {
    if (!element) return null;
    const get = (name: string) => element.getAttribute("data-attune-" + name) || undefined;
    const number = (name: string) => (get(name) ? Number(get(name)) : undefined);
    return {
      id: get("product")!,
      name: get("name"),
      category: get("category"),
      brand: get("brand"),
      price: number("price"),
      quantity: number("quantity"),
    };
  };

  /** Reports an element that was named in the markup: data-attune-event, data-attune-data. */
  const declared = (element: Element | null): void => {
    if (!element) return;
    const data = element.getAttribute("data-attune-data");
    track(element.getAttribute("data-attune-event")!, data ? JSON.parse(data) : undefined);
  };

  const clicked = (event: MouseEvent): void => {
    const target = event.composedPath()[0];
    if (!(target instanceof Element) || event.button > 1) return;
    const element = target.closest(INTERACTIVE);
    if (!element || element.closest("[data-attune-ignore]")) return;
    const link = element.getAttribute("href");
    const to = link ? linkTarget(config, link) : undefined;
    const outbound = to && /^http/.test(to) && new URL(to).host !== location.host;
    send("click", {
      element: {
        tag: element.tagName.toLowerCase(),
        id: element.getAttribute("id") || undefined,
        classes: element.getAttribute("class") || undefined,
        href: to,
      },
      data: outbound ? { outbound: new URL(to).host } : undefined,
    });
    declared(element.closest("[data-attune-event]:not(form)"));
    const product = itemOf(element.closest("[data-attune-product]"));
    const action = element.closest("[data-attune-action]");
    if (product && action) commerce(action.getAttribute("data-attune-action")!)(product);
    else if (product && link && !element.closest("[data-attune-view]"))
      commerce("product_click")(product);
  };
  listen(document, "click", clicked);
  listen(document, "auxclick", clicked);

  listen(document, "submit", (event: SubmitEvent) => {
    const form = event.target as HTMLFormElement;
    const described = describeForm(form, config.forms);
    if (!described) return;
    send("form_submit", {
      form: {
        ...described,
        action: linkTarget(config, form.getAttribute("action") || location.href),
      },
    });
    declared(form.closest("[data-attune-event]"));
  });

  let drawing = false;
  listen(window, "scroll", () => {
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(
      guard(() => {
        drawing = false;
        if (scrollY < 1) return; // a router going to the top is not reading
        const seen = ((scrollY + innerHeight + 1) / document.documentElement.scrollHeight) * 100;
        for (const mark of MILESTONES) {
          if (mark > depth && seen >= mark)
            send("scroll_depth", { scroll_percentage: (depth = mark) });
        }
      }),
    );
  });

  listen(document, "copy", () => {
    const length = String(getSelection()).length; // how much, never what
    if (length) send("text_copy", { text_length: length });
  });

  listen(document, "visibilitychange", () => {
    settle();
    send("page_visibility", { visibility: document.visibilityState });
    if (document.hidden) transport.leave();
  });
  listen(window, "pagehide", () => {
    settle();
    transport.leave();
  });
  listen(window, "pageshow", (event: PageTransitionEvent) => {
    if (event.persisted) view(); // back from the back-forward cache
  });

  // --- what pages call ----------------------------------------------------------------------------------

  const track = (name: string, data?: Fields): void => send(String(name), { data });

  const commerce =
    (type: string) =>
    (items: Item | Item[], fields?: Fields): void =>
      send(type, {
        items: ([] as Item[]).concat(items || []),
        currency: config.currency,
        ...fields,
      });

  /** Product pages say so in their markup; each is reported once a view. */
  let scanned = new Set<Element>();
  let scannedUrl = "";
  const scan = (): void => {
    if (scannedUrl !== url) scanned = new Set();
    scannedUrl = url;
    for (const element of document.querySelectorAll("[data-attune-view][data-attune-product]")) {
      if (scanned.has(element)) continue;
      scanned.add(element);
      commerce("product_view")(itemOf(element)!);
    }
  };

  const api: Record<string, unknown> = {
    track,
    send,
    scan,
    pageview: view,
    identify(id: string, traits?: Fields) {
      identity.setUser(String(id));
      send("identify", { data: traits });
    },
    reset: () => identity.reset(),
    productView: commerce("product_view"),
    productClick: commerce("product_click"),
    addToCart: commerce("cart_add"),
    removeFromCart: commerce("cart_remove"),
    wishlist: commerce("wishlist_add"),
    removeFromWishlist: commerce("wishlist_remove"),
    checkout: (step: string | number, items?: Item[]) =>
      commerce("checkout")(items || [], { checkout_step: step }),
    purchase({ id, items, ...rest }: Order = {}) {
      commerce("purchase")(items || [], { order_id: id, ...rest });
    },
    search: (text: string, data?: Fields) => send("search", { query: text, data }),
    flush: () => transport.leave(),
    optOut: () => setOptedOut(true),
    optIn: () => setOptedOut(false),
    /** What a widget needs to ask for this visitor; undefined ids when there are none. */
    ids: () => ({ site: config.site, host: config.host, ...(off() ? {} : identity.touch()) }),
  };
  for (const name in api) api[name] = guard(api[name] as (...args: unknown[]) => unknown);
  api.push = guard((call: [string, ...unknown[]] | ((attune: unknown) => void)) =>
    typeof call === "function"
      ? call(api)
      : (api[call[0]] as (...args: unknown[]) => void)(...call.slice(1)),
  );
  const start = guard(() => {
    const calls = root.attune || [];
    root.attune = api;
    view();
    calls.forEach(api.push);
  });
  // A prerendered page that nobody turns to was not viewed; calls keep queueing until then.
  const prerendered = (document as Document & { prerendering?: boolean }).prerendering;
  if (prerendered) document.addEventListener("prerenderingchange", start, { once: true });
  else start();
}
