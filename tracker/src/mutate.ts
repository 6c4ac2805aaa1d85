// Changes of a page's elements as GrowthBook's visual editor writes them: now, and again for elements
// that come later.

export interface Mutation {
  selector: string;
  action: "set" | "append" | "remove";
  attribute: string; // "html", "text", "class", or the name of an attribute
  value?: string;
}

const WATCH_MS = 10_000; // after the page has loaded

function change(element: Element, { action, attribute, value = "" }: Mutation): void {
  if (attribute === "class") {
    const names = value.split(/\s+/).filter(Boolean);
    if (action === "set") element.className = value;
    else if (action === "append") element.classList.add(...names);
    else element.classList.remove(...names);
  } else if (attribute === "html") {
    if (action === "set") element.innerHTML = value;
    else if (action === "append") element.insertAdjacentHTML("beforeend", value);
    else element.remove();
  } else if (attribute === "text") {
    if (action === "set") element.textContent = value;
    else if (action === "append") element.append(value);
    else element.textContent = "";
  } else if (/^[a-z][\w:.-]*$/i.test(attribute)) {
    if (action === "remove") element.removeAttribute(attribute);
    else {
      const before = action === "append" ? element.getAttribute(attribute) || "" : "";
      element.setAttribute(attribute, before + value);
    }
  }
}

export function mutate(mutation: Mutation): void {
  const done = new WeakSet<Element>();
  const all = () => {
    for (const element of document.querySelectorAll(mutation.selector)) {
      if (done.has(element)) continue;
      done.add(element);
      change(element, mutation);
    }
  };
  all(); // throws when the selector is none: the caller says so
  const watch = new MutationObserver(all);
  watch.observe(document.documentElement, { childList: true, subtree: true });
  const stop = () => setTimeout(() => watch.disconnect(), WATCH_MS);
  if (document.readyState === "complete") stop();
  else addEventListener("load", stop, { once: true });
}
