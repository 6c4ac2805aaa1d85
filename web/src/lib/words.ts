// Names of the API in words for people. An unknown name is shown as it is, made readable.

const channels: Record<string, string> = {
  direct: "Direct",
  search: "Search",
  social: "Social media",
  email: "Email",
  paid: "Paid",
  ai: "AI assistants",
  referral: "Other sites",
  internal: "Internal",
};

const eventTypes: Record<string, string> = {
  pageview: "Viewed",
  click: "Clicked",
  scroll: "Scrolled",
  scroll_depth: "Scrolled",
  form_submit: "Sent a form",
  text_copy: "Copied text",
  page_visibility: "Left or came back",
  identify: "Identified",
  product_view: "Viewed a product",
  product_click: "Clicked a product",
  cart_add: "Added to cart",
  cart_remove: "Removed from cart",
  wishlist_add: "Added to wishlist",
  wishlist_remove: "Removed from wishlist",
  checkout: "Went to checkout",
  purchase: "Bought",
  search: "Searched",
  recommendation_shown: "Saw recommendations",
  recommendation_click: "Clicked a recommendation",
  performance: "Measured speed",
};

const interactions: Record<string, string> = {
  view: "Viewed",
  click: "Clicked",
  cart_add: "Added to cart",
  remove_cart: "Took out of cart",
  wishlist: "Added to wishlist",
  remove_wishlist: "Took off wishlist",
  purchase: "Bought",
};

const strategies: Record<string, string> = {
  popular: "Popular",
  sequential: "Next in session",
  catalogue: "From the catalogue",
  item_to_item: "Item to item",
  collaborative: "Collaborative",
  graph: "Graph",
  content: "Similar content",
  neural: "Neural sequence",
  search: "Found by the search",
  pinned: "Pinned",
  withheld: "Withheld",
  ease: "Collaborative (EASE)",
  trending: "Trending",
  blend: "Blend",
  exploration: "Exploration",
};

const algorithms: Record<string, string> = {
  vmis_knn: "VMIS-kNN",
  stan: "STAN",
  popularity: "Popularity",
  ials: "iALS",
  ease: "EASE",
  item_to_item: "Co-views and co-purchases",
  random_walk: "Random walk",
  sasrec: "SASRec",
};

function lookUp(table: Record<string, string>, name: string): string {
  return table[name.toLowerCase()] ?? readable(name);
}

/** "add_to_cart" as "Add to cart". */
export function readable(name: string): string {
  const words = name.replace(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A channel, or the platform or host that came in its place, which is a name already. */
export const channelWord = (name: string): string => channels[name || "direct"] ?? name;
export const eventWord = (name: string): string => lookUp(eventTypes, name);
export const interactionWord = (name: string): string => lookUp(interactions, name);
export const strategyWord = (name: string): string => lookUp(strategies, name);
/** The first letter large: reasons of the API begin small, to fit into a sentence. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const algorithmWord = (name: string): string =>
  algorithms[name.toLowerCase().replaceAll("-", "_")] ??
  sentence(name.replaceAll("_", " ").replaceAll("+", " + ").replace(/\bknn\b/gi, "kNN"));

const regions = new Intl.DisplayNames("en", { type: "region" });

export function countryWord(code: string | null): string {
  if (!code || !/^[A-Za-z]{2}$/.test(code)) return "";
  try {
    return regions.of(code.toUpperCase()) ?? code;
  } catch {
    return code;
  }
}
