#include "etl/random_stream.h"

#include <algorithm>
#include <array>
#include <random>
#include <string_view>

#include "etl/whole_document.h"
#include "event/codec.h"

namespace attune::etl {
namespace {

using event::Kind;

constexpr std::int64_t kStartMs = 1'772'000'000'000;   // 2026-02-25 06:13:20 UTC
constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;

Uuid uuid_of(std::string_view name) {
  return Uuid::from_name(*Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), name);
}

class Stream {
 public:
  explicit Stream(const StreamOptions& options) : options_(options), random_(options.seed) {}

  void fill(MemoryJournal& journal) {
    sessions_ = pick(2, 12);
    visitors_ = pick(1, 8);
    unnamed_percent_ = pick(0, 100);
    late_percent_ = pick(0, 40);
    for (std::size_t count = 0; count < options_.records; ++count) add_record(journal);
  }

 private:
  std::int64_t pick(std::int64_t least, std::int64_t greatest) {
    return std::uniform_int_distribution<std::int64_t>(least, greatest)(random_);
  }
  bool percent(std::int64_t share) { return pick(1, 100) <= share; }
  std::string one_of(std::initializer_list<const char*> texts) {
    return *(texts.begin() + pick(0, static_cast<std::int64_t>(texts.size()) - 1));
  }

  void add_record(MemoryJournal& journal) {
    advance();
    const std::int64_t what = pick(1, 1000);
    if (what <= 60) {
      journal.add(decision());
    } else if (what <= 75) {
      const event::Tick tick{now_ms_ - pick(0, kMinute)};
      if (options_.clocks) journal.add(tick);
    } else if (what <= 80) {
      const event::ImportEnd end{site(), static_cast<std::uint32_t>(pick(1, 3)), now_ms_};
      if (options_.clocks) journal.add(end);
    } else if (what <= 82) {
      journal.add_body(std::string("\x01\xff broken", 9));
    } else {
      journal.add(event());
    }
  }

  /// Most steps are seconds; some let sessions close, few let them become unreachable.
  void advance() {
    const std::int64_t what = pick(1, 1000);
    if (what <= 900) now_ms_ += pick(0, 40 * kSecond);
    else if (what <= 980) now_ms_ += pick(0, 35 * kMinute);
    else if (what <= 996) now_ms_ += pick(0, 20 * kHour);
    else now_ms_ += pick(0, 90 * kHour);
    if (percent(1)) now_ms_ -= pick(0, 3 * kHour);   // the server's clock was set back
  }

  Uuid site() { return test_sites()[static_cast<std::size_t>(pick(0, 2))].id; }
  std::string visitor() { return "v" + std::to_string(pick(1, visitors_)); }

  std::int64_t event_time() {
    if (!percent(late_percent_)) return now_ms_ - pick(0, 2 * kSecond);
    const std::int64_t what = pick(1, 100);
    // Round numbers meet the limits exactly: 30 minutes, 72 hours.
    if (what <= 40) return now_ms_ - pick(0, 10) * kMinute;
    if (what <= 70) return now_ms_ - pick(0, 10) * 30 * kMinute;
    if (what <= 90) return now_ms_ - pick(0, 74 * kHour);
    if (what <= 95) return now_ms_ - 72 * kHour;
    return now_ms_ + pick(0, 5 * kMinute);
  }

  Kind kind() {
    const std::int64_t what = pick(1, 100);
    if (what <= 40) return Kind::pageview;
    return static_cast<Kind>(pick(1, 21));
  }

  event::Event event() {
    event::Event event;
    event.site = site();
    event.stream = percent(15) ? static_cast<std::uint32_t>(pick(1, 3)) : 0;
    event.received_ms = now_ms_;
    event.timestamp_ms = event_time();
    event.event_id = uuid_of(std::to_string(random_()));
    if (percent(40)) {
      event.has_client_event_id = true;
      event.event_id = uuid_of("client" + std::to_string(pick(1, 60)));
    }
    event.kind = kind();
    event.event_type =
        event.kind == Kind::custom ? "newsletter" : std::string(event::to_string(event.kind));
    event.visitor_id = visitor();
    if (!percent(unnamed_percent_)) event.session_id = "s" + std::to_string(pick(1, sessions_));
    if (percent(10)) event.user_id = one_of({"anna", "bob", "v1"});
    event.is_bot = percent(3);
    describe_page(event);
    describe_visit(event);
    describe_kind(event);
    event.raw_json = options_.whole_documents ? whole_document(event) : raw(event);
    return event;
  }

  void describe_page(event::Event& event) {
    if (event.kind != Kind::pageview && percent(20)) return;
    event.path = one_of({"/", "/a", "/b", "/products/1", "/ä ö"});
    event.url = percent(10) ? "" : "https://shop.example" + event.path;
    event.title = percent(50) ? "Title of " + event.path : "";
    event.query = percent(30) ? "q=" + std::to_string(pick(1, 3)) : "";
    event.fragment = percent(10) ? "top" : "";
    event.referrer = percent(30) ? one_of({"https://search.example/", "https://x.example/a"}) : "";
    event.referrer_type = static_cast<event::ReferrerType>(pick(0, 7));
    event.referrer_platform = percent(30) ? one_of({"Google", "Reddit"}) : "";
    event.utm_source = percent(20) ? one_of({"news", "ads"}) : "";
    event.utm_medium = percent(20) ? "cpc" : "";
    event.utm_campaign = percent(20) ? "spring" : "";
    event.utm_content = percent(10) ? "c" : "";
    event.utm_term = percent(10) ? "t" : "";
  }

  void describe_visit(event::Event& event) {
    event.user_agent = percent(80) ? one_of({"Agent/1", "Agent/2"}) : "";
    event.browser = percent(80) ? one_of({"Firefox", "Chrome"}) : "";
    event.os = percent(80) ? one_of({"Linux", "iOS"}) : "";
    event.device = static_cast<event::DeviceType>(pick(0, 3));
    event.ip = percent(50) ? "203.0.113.0" : "";
    event.country = percent(70) ? one_of({"DE", "US"}) : "";
    event.language = percent(70) ? one_of({"de-DE", "en"}) : "";
    event.timezone = percent(70) ? "Europe/Berlin" : "";
    event.screen_width = percent(70) ? static_cast<std::int32_t>(pick(1, 3)) * 640 : 0;
    event.screen_height = percent(70) ? 480 : 0;
    event.viewport_width = percent(70) ? 600 : 0;
    event.viewport_height = percent(70) ? 400 : 0;
    event.device_pixel_ratio = percent(70) ? 1.25 * static_cast<double>(pick(1, 4)) : 0;
  }

  void describe_kind(event::Event& event) {
    if (event.kind == Kind::click) {
      event.element_tag = "a";
      event.element_id = percent(50) ? "buy" : "";
      event.element_classes = percent(50) ? "btn big" : "";
    }
    if (event.kind == Kind::scroll || event.kind == Kind::scroll_depth) {
      event.scroll_percentage = static_cast<std::int32_t>(pick(0, 4)) * 25;
    }
    if (event.kind == Kind::form_submit) {
      event.form_id = percent(80) ? "contact" : "";
      event.form_action = "/send";
      event.form_method = "POST";
      event.field_count = static_cast<std::int32_t>(pick(-1, 3));
      event.form_data_json = percent(60) ? R"({"name":"x"})" : "";
    }
    const bool product = event.kind >= Kind::product_view && event.kind <= Kind::wishlist_remove;
    const bool recommended = event.kind == Kind::recommendation_shown ||
                             event.kind == Kind::recommendation_click;
    if (product || recommended || event.kind == Kind::purchase ||
        (event.kind == Kind::pageview && percent(20))) {
      add_items(event);
    }
    if (recommended || (event.kind == Kind::product_click && percent(50))) {
      if (!decisions_.empty() && percent(90)) {
        event.decision_id =
            decisions_[decisions_.size() - 1 -
                       static_cast<std::size_t>(pick(0, std::min<std::int64_t>(
                                                            7, static_cast<std::int64_t>(
                                                                   decisions_.size()) - 1)))];
      }
    }
    if (event.kind == Kind::purchase) {
      event.order_id = percent(80) ? "o" + std::to_string(pick(1, 20)) : "";
      event.revenue = static_cast<double>(pick(0, 100'000)) / 100;
    }
  }

  /// A product, or now and then a text of a content slot, which is shown and clicked like one.
  std::string item_id() {
    if (percent(10)) return "content:" + uuid_of(std::to_string(pick(1, 2))).text();
    return "p" + std::to_string(pick(1, 4));
  }

  void add_items(event::Event& event) {
    const std::int64_t count = pick(event.kind == Kind::purchase ? 0 : 1, 3);
    for (std::int64_t index = 0; index < count; ++index) {
      event::Item item;
      item.id = item_id();
      item.category = percent(50) ? "shoes" : "";
      item.name = percent(50) ? "Shoe \"" + item.id + "\"" : "";
      item.brand = percent(30) ? "Ünique" : "";
      item.price = percent(70) ? static_cast<double>(pick(0, 9999)) / 100 : -1;
      item.quantity = static_cast<double>(pick(1, 3));
      event.items.push_back(std::move(item));
    }
    event.currency = percent(80) ? "EUR" : "";
  }

  std::string raw(const event::Event& event) {
    if (percent(5)) return "";
    std::string json = R"({"referrer_type":"direct","title":"a \"quoted\" } title")";
    if (event.kind == Kind::click) {
      json += percent(50) ? R"(,"element":{"tag":"a","text":"Buy, now"})"
                          : R"(,"element":{"tag":"a","id":"buy"})";
    }
    if (percent(30)) json += R"(, "data" : {"n":[1,2,{"x":"]"}],"e":"\\"})";
    if (percent(20)) json += R"(,"revenue":12.5)";
    if (percent(20)) json += R"(,"visibility":"hidden")";
    if (percent(10)) json += R"(,"extra":{})";
    return json + "}";
  }

  event::Decision decision() {
    event::Decision decision;
    decision.decision_id = uuid_of("decision" + std::to_string(random_()));
    decision.site = site();
    decision.decided_ms = now_ms_ - (percent(30) ? pick(0, 25 * kMinute) : 0);
    decision.session_id = percent(70) ? "s" + std::to_string(pick(1, sessions_)) : "";
    decision.visitor_id = percent(90) ? visitor() : "";
    decision.placement = percent(50) ? "home" : "";
    decision.context_json = percent(50) ? R"({"page":"/"})" : "";
    decision.model_version = "m1";
    decision.factors_json = percent(30) ? R"({"recent":2})" : "";
    decision.eligible_count = 4;
    decision.eligible_hash = random_();
    decision.seed = random_();
    const std::int64_t count = pick(1, 4);
    for (std::int64_t rank = 1; rank <= count; ++rank) {
      event::DecidedItem item;
      item.item_id = item_id();
      item.rank = static_cast<std::uint32_t>(rank);
      item.score = static_cast<double>(pick(-10, 120)) / 100;
      item.raw_score = 3.25;
      item.propensity = 0.125;
      item.strategy = one_of({"popular", "sequential"});
      item.reason = "often bought";
      decision.items.push_back(std::move(item));
    }
    decisions_.push_back(decision.decision_id);
    return decision;
  }

  const StreamOptions options_;
  std::mt19937_64 random_;
  std::int64_t now_ms_ = kStartMs;
  std::int64_t sessions_ = 1;
  std::int64_t visitors_ = 1;
  std::int64_t unnamed_percent_ = 0;
  std::int64_t late_percent_ = 0;
  std::vector<Uuid> decisions_;
};

}  // namespace

std::vector<event::Site> test_sites() {
  event::Site utc;
  utc.id = uuid_of("utc.example");
  event::Site new_york;
  new_york.id = uuid_of("new-york.example");
  new_york.timezone = "America/New_York";
  event::Site auckland;
  auckland.id = uuid_of("auckland.example");
  auckland.timezone = "Pacific/Auckland";
  return {utc, new_york, auckland};
}

void append_random_stream(const StreamOptions& options, MemoryJournal& journal) {
  Stream(options).fill(journal);
}

}  // namespace attune::etl
