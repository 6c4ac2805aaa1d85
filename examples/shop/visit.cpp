#include "shop/visit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace attune::shop {
namespace {

constexpr std::uint64_t kVisitStream = 3;
constexpr std::uint32_t kPagesMax = 30;
constexpr double kDelivery = 4;

// How a card's place weighs on whether it is looked at: people read from the left.
constexpr std::array<double, 4> kPlaceWeight = {1.0, 0.85, 0.7, 0.6};

std::string capitalized(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

std::string with_shop(std::string_view title) {
  return fmt::format("{} \u00b7 Loam & Lantern", title);
}

}  // namespace

Visit::Visit(const Catalogue& catalogue, std::uint64_t seed, std::uint64_t key, Visitor visitor,
             VisitEvents events)
    : catalogue_(catalogue),
      random_(seed ^ (kVisitStream << 60), visitor.number, key),
      visitor_(std::move(visitor)),
      events_(std::move(events)),
      entry_(draw_entry(random_)),
      referrer_(entry_.referrer) {}

std::optional<std::int64_t> Visit::step(std::int64_t now_ms, Recommender* recommender) {
  std::optional<Page> next;
  if (!page_) {
    next = landing();
  } else {
    look_around(now_ms);
    next = leave_or_next(now_ms);
    if (!next) {
      events_.visibility(now_ms, "hidden");
      return std::nullopt;
    }
    referrer_ = events_.who().origin + page_->path;
  }
  open(std::move(*next), now_ms, recommender);
  return now_ms + static_cast<std::int64_t>(dwell_ms());
}

// --- pages -----------------------------------------------------------------

Visit::Page Visit::home() { return {}; }

Visit::Page Visit::listing() {
  Page page;
  page.kind = Kind::listing;
  page.path = "/products.html";
  page.title = "Everything";
  return page;
}

Visit::Page Visit::category_page(std::string category) {
  Page page;
  page.kind = Kind::category;
  page.path = fmt::format("/category-{}.html", category);
  page.title = capitalized(category);
  page.category = std::move(category);
  return page;
}

Visit::Page Visit::product_page(const Product& product) {
  Page page;
  page.kind = Kind::product;
  page.path = product.path;
  page.title = product.name;
  page.category = product.category;
  page.product = &product;
  return page;
}

Visit::Page Visit::article(Random& random) {
  Page page;
  page.kind = random.chance(0.25) ? Kind::contact : Kind::article;
  page.path = "/contact.html";
  page.title = "Contact";
  if (page.kind == Kind::contact) return page;
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kArticles = {{
      {"/about.html", "About us"},
      {"/care.html", "How to care for things"},
      {"/delivery.html", "Delivery and returns"}}};
  const auto& chosen = kArticles[random.below(kArticles.size())];
  page.path = chosen.first;
  page.title = chosen.second;
  return page;
}

/// A search by room or by the last word of a name, as people type it.
Visit::Page Visit::search_page() {
  const Product& wanted = attractive({});
  Page page;
  page.kind = Kind::search;
  page.path = "/search.html";
  page.title = "Search";
  page.category = wanted.category;
  const std::string words = random_.chance(0.5)
                                ? wanted.category
                                : wanted.name.substr(wanted.name.find_last_of(' ') + 1);
  page.query = "q=" + words;
  return page;
}

Visit::Page Visit::landing() {
  Page page = home();
  if (entry_.deep) {
    page = random_.chance(0.6) ? product_page(attractive({}))
                               : category_page(attractive_category());
  }
  page.query = entry_.query;
  return page;
}

void Visit::open(Page page, std::int64_t now_ms, Recommender* recommender) {
  page_ = std::move(page);
  opened_ms_ = now_ms;
  ++pages_;
  recommended_.reset();
  read_percentage_ = static_cast<int>(112 * std::pow(random_.uniform(), 1.25));
  events_.turn_to(page_->path, page_->query, with_shop(page_->title));
  events_.pageview(now_ms, referrer_);
  if (page_->product != nullptr) {
    events_.commerce(now_ms, "product_view", {page_->product, 1});
    viewed_.push_back(page_->product);
  }
  if (page_->kind == Kind::search) events_.search(now_ms, page_->query.substr(2));
  if (page_->kind == Kind::checkout) {
    events_.checkout(now_ms, page_->checkout_step, cart_);
    if (page_->checkout_step == 1) events_.identify(now_ms);
  }
  if (page_->kind == Kind::thanks) {
    events_.purchase(now_ms, fmt::format("S-{}", events_.who().session_id), cart_, kDelivery);
    cart_.clear();
    ++outcome_.orders;
  }
  if (recommender != nullptr) ask(*recommender);
}

void Visit::ask(Recommender& recommender) {
  WidgetRequest request{.visitor_id = visitor_.visitor_id, .session_id = events_.who().session_id,
                        .item = {}, .placement = {}, .count = 4};
  switch (page_->kind) {
    case Kind::home: request.placement = "home"; break;
    case Kind::listing: request.placement = "listing"; break;
    case Kind::category: request.placement = "category"; break;
    case Kind::product: request.placement = "product"; break;
    case Kind::search: request.placement = "search"; break;
    case Kind::cart: request.placement = "cart"; break;
    case Kind::thanks: request.placement = "thanks"; break;
    case Kind::article: request.placement = "article"; break;
    case Kind::checkout:
    case Kind::contact: return;  // these pages have no widget
  }
  if (page_->product != nullptr) request.item = page_->product->id;
  recommended_ = recommender.recommend(request);
}

// --- on a page -------------------------------------------------------------

std::int64_t Visit::during(double share, std::int64_t now_ms) const {
  return opened_ms_ + static_cast<std::int64_t>(share * static_cast<double>(now_ms - opened_ms_));
}

double Visit::dwell_ms() {
  double mean_s = 18;
  if (page_->kind == Kind::product) mean_s = 34;
  if (page_->kind == Kind::article || page_->kind == Kind::contact) mean_s = 48;
  return 1000 * std::min(3 + random_.exponential(mean_s), 240.0);
}

void Visit::look_around(std::int64_t now_ms) {
  for (const int mark : {25, 50, 75, 100}) {
    if (read_percentage_ >= mark) events_.scroll_depth(during(mark / 160.0, now_ms), mark);
  }
  if (page_->kind == Kind::article && random_.chance(0.05)) {
    events_.text_copy(during(0.7, now_ms), 12 + static_cast<int>(random_.below(120)));
  }
  if (page_->kind == Kind::contact && random_.chance(0.5)) {
    static constexpr std::array<std::string_view, 4> kTopics = {
        "An order", "A thing in the shop", "Something broken", "Something else"};
    events_.contact_form(during(0.95, now_ms), kTopics[random_.below(kTopics.size())]);
  }
  // The widget stands below the middle of every page.
  if (recommended_ && read_percentage_ < 50) recommended_.reset();
  if (recommended_ && !recommended_->products.empty() && !recommended_->decision_id.empty()) {
    outcome_.items_shown += static_cast<std::uint32_t>(recommended_->products.size());
    events_.recommendation(during(0.5, now_ms), "recommendation_shown", recommended_->decision_id,
                           recommended_->products);
  }
  if (page_->product != nullptr) consider_product(now_ms);
}

void Visit::consider_product(std::int64_t now_ms) {
  const Product& product = *page_->product;
  const double taste = expected_taste(catalogue_, visitor_, product);
  const bool in_cart = std::any_of(cart_.begin(), cart_.end(),
                                   [&](const Line& line) { return line.product == &product; });
  if (!in_cart && random_.chance(0.17 * taste)) {
    const Line line{&product, random_.chance(0.12) ? 2U : 1U};
    events_.click(during(0.8, now_ms), "button", "button", {});
    events_.commerce(during(0.8, now_ms), "cart_add", line);
    cart_.push_back(line);
  } else if (random_.chance(0.1 * taste)) {
    events_.click(during(0.8, now_ms), "button", "button plain", {});
    events_.commerce(during(0.8, now_ms), "wishlist_add", {&product, 1});
  }
}

// --- where to next ---------------------------------------------------------

bool Visit::was_viewed(const Product& product) const {
  return std::find(viewed_.begin(), viewed_.end(), &product) != viewed_.end();
}

/// A product that catches the eye, of one category or of all when it is empty.
const Product& Visit::attractive(std::string_view category) {
  std::vector<double> weights;
  for (const Product& product : catalogue_.products) {
    double weight = expected_taste(catalogue_, visitor_, product);
    if (!category.empty() && product.category != category) weight *= 1e-6;
    if (was_viewed(product)) weight *= 0.1;
    weights.push_back(weight);
  }
  return catalogue_.products[random_.weighted(weights)];
}

std::string Visit::attractive_category() {
  return catalogue_.categories[random_.weighted(visitor_.category_weight)];
}

std::optional<Visit::Page> Visit::leave_or_next(std::int64_t now_ms) {
  if (page_->kind == Kind::checkout) {
    return random_.chance(0.86) ? towards_order(now_ms) : std::nullopt;
  }
  if (page_->kind == Kind::thanks && random_.chance(0.85)) return std::nullopt;
  if (pages_ >= kPagesMax) return std::nullopt;
  if (auto chosen = clicked_recommendation(now_ms)) return chosen;
  const double leaving = pages_ == 1 ? entry_.bounce : cart_.empty() ? 0.21 : 0.08;
  if (random_.chance(leaving)) return std::nullopt;
  if (auto next = towards_order(now_ms)) return next;
  return browse(now_ms);
}

std::optional<Visit::Page> Visit::clicked_recommendation(std::int64_t now_ms) {
  if (!recommended_) return std::nullopt;
  for (std::size_t place = 0; place < recommended_->products.size(); ++place) {
    const Product& product = *recommended_->products[place];
    double appeal = 0.22 * expected_taste(catalogue_, visitor_, product) *
                    kPlaceWeight[std::min(place, kPlaceWeight.size() - 1)];
    if (was_viewed(product)) appeal *= 0.15;
    if (!random_.chance(appeal)) continue;
    events_.click(now_ms, "a", "attune-link", product.path);
    if (!recommended_->decision_id.empty()) {
      ++outcome_.recommendation_clicks;
      events_.recommendation(now_ms, "recommendation_click", recommended_->decision_id, {&product});
    }
    return product_page(product);
  }
  return std::nullopt;
}

std::optional<Visit::Page> Visit::towards_order(std::int64_t now_ms) {
  Page page;
  if (page_->kind == Kind::checkout) {
    events_.click(now_ms, "button", "button", {});
    if (page_->checkout_step < 3) {
      page = *page_;
      ++page.checkout_step;
      return page;
    }
    page.kind = Kind::thanks;
    page.path = "/thanks.html";
    page.title = "Thank you";
    return page;
  }
  if (cart_.empty()) return std::nullopt;
  if (page_->kind == Kind::cart && random_.chance(0.55)) {
    events_.click(now_ms, "a", "button", "/checkout.html");
    page.kind = Kind::checkout;
    page.path = "/checkout.html";
    page.title = "Checkout";
    page.checkout_step = 1;
    return page;
  }
  if (page_->kind == Kind::cart || !random_.chance(0.35)) return std::nullopt;
  events_.click(now_ms, "a", "cart-link", "/cart.html");
  page.kind = Kind::cart;
  page.path = "/cart.html";
  page.title = "Your cart";
  return page;
}

Visit::Page Visit::follow_product(std::int64_t now_ms, const Product& product) {
  events_.click(now_ms, "a", "card-link", product.path);
  events_.commerce(now_ms, "product_click", {&product, 1});
  return product_page(product);
}

Visit::Page Visit::browse(std::int64_t now_ms) {
  const bool lists = page_->kind == Kind::home || page_->kind == Kind::listing ||
                     page_->kind == Kind::category || page_->kind == Kind::search;
  if (lists && page_->kind != Kind::home && random_.chance(0.78)) {
    return follow_product(now_ms, attractive(page_->category));
  }
  if (page_->kind == Kind::home && random_.chance(0.2)) {
    return follow_product(now_ms, attractive({}));
  }
  Page next;
  const double way = random_.uniform();
  if (page_->product != nullptr && way < 0.45) {
    next = category_page(page_->category);
  } else if (way < 0.72) {
    next = category_page(attractive_category());
  } else if (way < 0.84) {
    next = listing();
  } else if (way < 0.92) {
    next = search_page();
  } else if (way < 0.96) {
    next = home();
  } else {
    next = article(random_);
  }
  events_.click(now_ms, "a", "", next.path);
  return next;
}

}  // namespace attune::shop
