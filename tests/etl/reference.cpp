#include "etl/reference.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <deque>
#include <limits>
#include <optional>
#include <tuple>
#include <vector>

#include "base/hash.h"
#include "base/time_zone.h"
#include "etl/whole_document.h"
#include "event/codec.h"

namespace attune::etl {

std::string number_text(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.12g", value == 0 ? 0.0 : value);
  return text;
}

namespace {

using event::Event;
using event::Kind;

constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::min() / 4;

struct Fact {
  std::uint64_t position = 0;
  Event event;
  bool operator<(const Fact& other) const {
    return std::tie(event.timestamp_ms, position) <
           std::tie(other.event.timestamp_ms, other.position);
  }
};

struct Visit {
  std::uint64_t key = 0;
  Uuid site;
  std::uint32_t stream = 0;
  std::string client;
  std::string name;
  std::string visitor;
  std::vector<Fact> facts;
  std::int64_t first() const {
    return std::min_element(facts.begin(), facts.end())->event.timestamp_ms;
  }
  std::int64_t last() const {
    return std::max_element(facts.begin(), facts.end())->event.timestamp_ms;
  }
};

struct Clock3 {
  std::int64_t watermark = kFar;
  std::int64_t floor = kFar;
  bool ended = false;
};

using WorldKey = std::pair<Uuid, std::uint32_t>;

struct Click {
  Uuid row;
  std::int64_t ms = 0;
  std::uint64_t position = 0;
};

std::string or_null(const std::string& text) { return text.empty() ? "null" : text; }
std::string text(std::int64_t number) { return std::to_string(number); }
std::string text(std::uint64_t number) { return std::to_string(number); }
std::string yes(bool value) { return value ? "true" : "false"; }
std::string number_or_null(std::int64_t number, std::int64_t absent) {
  return number == absent ? "null" : text(number);
}
std::string decimal(double value, int scale) {
  const double factor = std::pow(10, scale);
  return number_text(std::round(value * factor) / factor);
}

std::string base32(std::uint64_t number) {
  const std::string digit(1, "0123456789abcdefghijklmnopqrstuv"[number % 32]);
  return number < 32 ? digit : base32(number / 32) + digit;
}

bool engages(Kind kind) {
  static const std::set<Kind> kinds = {
      Kind::click,        Kind::form_submit,   Kind::custom,          Kind::product_view,
      Kind::product_click, Kind::cart_add,     Kind::cart_remove,     Kind::wishlist_add,
      Kind::wishlist_remove, Kind::checkout,   Kind::purchase,        Kind::search,
      Kind::recommendation_click};
  return kinds.contains(kind);
}

std::int64_t minute_of(std::int64_t ms) {
  return static_cast<std::int64_t>(std::floor(static_cast<double>(ms) / 60'000.0));
}

class Reference {
 public:
  Reference(const event::SiteDirectory& sites, const Settings& settings)
      : sites_(sites), settings_(settings) {}

  void take(std::uint64_t position, std::string_view body) {
    switch (static_cast<event::RecordType>(body[0])) {
      case event::RecordType::event: {
        Event event;
        if (event::decode(body, event)) take_event({position, event});
        break;
      }
      case event::RecordType::decision: {
        event::Decision decision;
        if (event::decode(body, decision)) decisions_.emplace_back(position, decision);
        break;
      }
      case event::RecordType::import_end: {
        event::ImportEnd end;
        const bool known = event::decode(body, end) && end.stream != 0;
        if (known) worlds_[{end.site, end.stream}].ended = true;
        break;
      }
      case event::RecordType::tick:
        if (event::Tick tick; event::decode(body, tick)) tick_ = std::max(tick_, tick.received_ms);
        break;
      case event::RecordType::erased:   // nothing is known of it
      case event::RecordType::exposure: break;
    }
  }

  TextTables tables() {
    for (const Visit& visit : visits_) write_visit(visit);
    write_recommendations();
    write_days();
    return std::move(tables_);
  }

 private:
  // ---- placing, in journal order

  void take_event(const Fact& fact) {
    const Event& event = fact.event;
    arrival_ = std::max(arrival_, event.received_ms);
    if (event.has_client_event_id && is_duplicate(fact)) return;
    Clock3& world = worlds_[{event.site, event.stream}];
    if (world.ended || event.is_bot || event.kind == Kind::performance) {
      return write_log(fact, event.session_id, false);
    }
    if (event.timestamp_ms < late_limit(event.stream, world)) {
      return write_log(fact, event.session_id, true);
    }
    world.watermark = std::max(world.watermark, event.timestamp_ms);
    Visit* visit = find(event, world);
    if (visit == nullptr) visit = begin(fact, world);
    visit->facts.push_back(fact);
    if (&visits_.back() == visit && visit->facts.size() == 1) give_up();
    write_log(fact, visit->name, false);
    write_facts(fact, *visit);
  }

  bool is_duplicate(const Fact& fact) {
    const std::int64_t hour = arrival_ / 3'600'000;
    const std::size_t bucket_max = std::max<std::size_t>(1, settings_.event_ids_max / 8);
    if (buckets_.empty() || buckets_.back().hour != hour ||
        buckets_.back().ids.size() >= bucket_max) {
      buckets_.push_back({hour, {}});
    }
    while (buckets_.front().hour < hour - settings_.dedup_ms / 3'600'000) {
      buckets_.erase(buckets_.begin());
    }
    const std::pair<Uuid, Uuid> id{fact.event.site, fact.event.event_id};
    for (const Bucket& bucket : buckets_) {
      if (bucket.ids.contains(id)) return true;
    }
    buckets_.back().ids.insert(id);
    const auto kept = [&] {
      std::size_t count = 0;
      for (const Bucket& bucket : buckets_) count += bucket.ids.size();
      return count;
    };
    while (kept() > settings_.event_ids_max && buckets_.size() > 1) {
      buckets_.erase(buckets_.begin());
    }
    return false;
  }

  std::int64_t reach(std::uint32_t stream, const Clock3& world) const {
    if (stream != 0 || world.watermark == kFar) return world.floor;
    return std::max(world.floor,
                    world.watermark - settings_.late_ms - settings_.session_gap_ms);
  }
  std::int64_t late_limit(std::uint32_t stream, const Clock3& world) const {
    return reach(stream, world) == kFar ? kFar : reach(stream, world) + settings_.session_gap_ms;
  }
  bool retained(const Visit& visit) const {
    const Clock3& world = worlds_.at({visit.site, visit.stream});
    if (world.ended) return false;
    const std::int64_t from = reach(visit.stream, world);
    return from == kFar || minute_of(visit.last()) >= minute_of(from);
  }

  Visit* find(const Event& event, const Clock3& world) {
    std::vector<Visit*> mine;
    for (Visit& visit : visits_) {
      if (visit.site != event.site || visit.stream != event.stream) continue;
      if (event.session_id.empty() ? visit.visitor == event.visitor_id && retained(visit)
                                   : visit.client == event.session_id) {
        mine.push_back(&visit);
      }
    }
    if (event.session_id.empty() && mine.size() > 64) mine.erase(mine.begin(), mine.end() - 64);
    Visit* best = nullptr;
    for (Visit* visit : mine) {
      if (visit->last() < reach(event.stream, world)) continue;
      if (event.session_id.empty() &&
          (event.timestamp_ms < visit->first() - settings_.session_gap_ms ||
           event.timestamp_ms > visit->last() + settings_.session_gap_ms)) {
        continue;
      }
      if (best == nullptr || std::pair(visit->first(), visit->key) <
                                 std::pair(best->first(), best->key)) {
        best = visit;
      }
    }
    return best;
  }

  Visit* begin(const Fact& fact, const Clock3&) {
    const Event& event = fact.event;
    Visit visit{fact.position,    event.site, event.stream, event.session_id, "",
                event.visitor_id, {}};
    bool with_key = event.stream != 0;
    for (const Visit& other : visits_) {
      if (other.site == event.site && other.stream == 0 && other.client == event.session_id &&
          retained(other)) {
        with_key = true;
      }
    }
    std::size_t named = 0;
    for (auto other = visits_.rbegin();
         other != visits_.rend() && named < settings_.session_names_max; ++other) {
      if (other->stream != 0 || other->client.empty()) continue;
      ++named;
      if (other->site == event.site && other->client == event.session_id) with_key = true;
    }
    visit.name = event.session_id;
    if (event.session_id.empty() || with_key) visit.name += "~" + base32(fact.position);
    visits_.push_back(std::move(visit));
    return &visits_.back();
  }

  void give_up() {
    while (true) {
      std::map<WorldKey, std::vector<const Visit*>> kept;
      std::size_t count = 0;
      for (const Visit& visit : visits_) {
        if (!retained(visit)) continue;
        kept[{visit.site, visit.stream}].push_back(&visit);
        ++count;
      }
      if (count <= settings_.sessions_max) return;
      const auto* victim = &*kept.begin();
      for (const auto& world : kept) {
        if (world.second.size() > victim->second.size()) victim = &world;
      }
      std::int64_t least = std::numeric_limits<std::int64_t>::max();
      for (const Visit* visit : victim->second) least = std::min(least, minute_of(visit->last()));
      worlds_[victim->first].floor = (least + 1) * 60'000;
    }
  }

  // ---- rows of facts

  void write_log(const Fact& fact, const std::string& session, bool late) {
    const Event& event = fact.event;
    tables_["events_log"][text(fact.position)] = {
        {"id", text(fact.position)},
        {"event_id", event.event_id.text()},
        {"event_type", event.event_type},
        {"session_id", or_null(session)},
        {"visitor_id", or_null(event.visitor_id)},
        {"site_id", event.site.text()},
        {"timestamp", text(event.timestamp_ms)},
        {"url", or_null(event.url)},
        {"path", or_null(event.path)},
        {"user_agent", or_null(event.user_agent)},
        {"ip_address", or_null(event.ip)},
        {"raw_event_data", event.raw_json.empty() ? "{}" : event.raw_json},
        {"created_at", text(event.received_ms)},
        {"processed_at", text(event.received_ms)},
        {"user_id", or_null(event.user_id)},
        {"stream", text(std::uint64_t{event.stream})},
        {"is_bot", yes(event.is_bot)},
        {"is_late", yes(late)},
        {"client_event_id", yes(event.has_client_event_id)}};
  }

  static std::string event_data(const std::string& raw) {
    const std::string members = members_of(raw, {
        "element", "text", "text_length", "visibility", "items", "order_id", "revenue", "currency",
        "cart_value", "checkout_step", "time_on_page", "query", "decision_id", "data", "extra"});
    return members.empty() ? "null" : "{" + members + "}";
  }

  void write_facts(const Fact& fact, const Visit& visit) {
    const Event& event = fact.event;
    const std::string id = text(fact.position);
    const std::string site = event.site.text();
    days_[{site, day_of(event.site, event.timestamp_ms)}];
    if (event.kind != Kind::pageview) {
      tables_["user_events"][id] = {{"id", id},
                                    {"session_id", visit.name},
                                    {"visitor_id", event.visitor_id},
                                    {"site_id", site},
                                    {"event_type", event.event_type},
                                    {"event_timestamp", text(event.timestamp_ms)},
                                    {"page_url", or_null(event.url)},
                                    {"page_path", or_null(event.path)},
                                    {"event_data", event_data(event.raw_json)},
                                    {"element_tag", or_null(event.element_tag)},
                                    {"element_classes", or_null(event.element_classes)},
                                    {"element_id", or_null(event.element_id)},
                                    {"scroll_percentage",
                                     number_or_null(event.scroll_percentage, -1)},
                                    {"form_id", or_null(event.form_id)}};
    }
    if (event.kind == Kind::form_submit) {
      tables_["form_submissions"][id] = {{"id", id},
                                         {"session_id", visit.name},
                                         {"visitor_id", event.visitor_id},
                                         {"site_id", site},
                                         {"form_id", or_null(event.form_id)},
                                         {"form_action", or_null(event.form_action)},
                                         {"form_method", or_null(event.form_method)},
                                         {"page_url", or_null(event.url)},
                                         {"page_path", or_null(event.path)},
                                         {"submit_timestamp", text(event.timestamp_ms)},
                                         {"field_count", number_or_null(event.field_count, -1)},
                                         {"form_data", or_null(event.form_data_json)}};
    }
    if (event.kind == Kind::purchase) {
      tables_["orders"][id] = {{"id", id},
                               {"site_id", site},
                               {"order_id", or_null(event.order_id)},
                               {"session_id", visit.name},
                               {"visitor_id", event.visitor_id},
                               {"user_id", or_null(event.user_id)},
                               {"order_timestamp", text(event.timestamp_ms)},
                               {"revenue", decimal(event.revenue, 4)},
                               {"currency", or_null(event.currency)},
                               {"item_count", text(std::uint64_t{event.items.size()})}};
    }
    if (!event.user_id.empty()) add_user(fact, event.user_id, true);
    write_interactions(fact, visit);
  }

  void add_user(const Fact& fact, const std::string& person, bool known) {
    const std::string site = fact.event.site.text();
    const std::string id = text(stable_id(site, person));
    tables_["users"].try_emplace(id, TextRow{{"id", id},
                                             {"site_id", site},
                                             {"external_id", person},
                                             {"is_known", yes(known)},
                                             {"first_seen_at", text(fact.event.timestamp_ms)},
                                             {"created_at", text(fact.event.received_ms)}});
  }

  void write_interactions(const Fact& fact, const Visit& visit) {
    const Event& event = fact.event;
    static const std::map<Kind, std::pair<std::string, double>> kinds = {
        {Kind::pageview, {"VIEW", 0.1}},
        {Kind::product_view, {"VIEW", 0.1}},
        {Kind::product_click, {"CLICK", 0.5}},
        {Kind::recommendation_click, {"CLICK", 0.5}},
        {Kind::cart_add, {"CART_ADD", 2}},
        {Kind::purchase, {"PURCHASE", 10}},
        {Kind::wishlist_add, {"WISHLIST", 1}},
        {Kind::cart_remove, {"REMOVE_CART", -1}},
        {Kind::wishlist_remove, {"REMOVE_WISHLIST", -0.5}}};
    const auto kind = kinds.find(event.kind);
    if (kind == kinds.end() || event.items.empty()) return;
    if (event.kind == Kind::pageview && event.items.size() != 1) return;
    const std::string site = event.site.text();
    const std::string person = event.user_id.empty() ? event.visitor_id : event.user_id;
    add_user(fact, person, !event.user_id.empty());
    for (std::size_t index = 0; index < event.items.size(); ++index) {
      const event::Item& item = event.items[index];
      if (item.id.starts_with("content:")) continue;   // a text of a slot
      const std::string id = text(fact.position + index);
      const std::string product = text(stable_id(site, item.id));
      tables_["user_product_interactions"][id] = {
          {"id", id},
          {"user_id", text(stable_id(site, person))},
          {"product_id", product},
          {"interaction_type", kind->second.first},
          {"session_id", visit.name},
          {"timestamp", text(event.timestamp_ms)},
          {"context", context(event, item)},
          {"reward", decimal(kind->second.second, 2)},
          {"site_id", site},
          {"visitor_id", event.visitor_id},
          {"item_id", item.id},
          {"quantity", decimal(item.quantity, 3)},
          {"price", item.price < 0 ? "null" : decimal(item.price, 4)},
          {"decision_id", event.decision_id.is_nil() ? "null" : event.decision_id.text()}};
      tables_["product"].try_emplace(
          product, TextRow{{"id", product},
                           {"site_id", site},
                           {"external_id", item.id},
                           {"name", or_null(item.name)},
                           {"category", or_null(item.category)},
                           {"brand", or_null(item.brand)},
                           {"price", item.price < 0 ? "null" : decimal(item.price, 4)},
                           {"currency", item.price < 0 ? "null" : or_null(event.currency)},
                           {"stock", "null"},
                           {"url", "null"},
                           {"image_url", "null"},
                           {"hidden", "false"},
                           {"source", "event"},
                           {"created_at", text(event.received_ms)},
                           {"updated_at", text(event.received_ms)}});
    }
  }

  static std::string context(const Event& event, const event::Item& item) {
    std::string members;
    const auto add = [&](const std::string& key, const std::string& value) {
      if (value.empty()) return;
      members += (members.empty() ? "\"" : ",\"") + key + "\":\"" + value + "\"";
    };
    add("category", item.category);
    add("brand", item.brand);
    if (event.device != event::DeviceType::unknown) {
      add("device_type", std::string(event::to_string(event.device)));
    }
    add("page", event.path);
    const std::string of_event =
        members_of(event.raw_json, {"order_id", "revenue", "cart_value", "checkout_step"});
    members += (members.empty() || of_event.empty() ? "" : ",") + of_event;
    return members.empty() ? "null" : "{" + members + "}";
  }

  // ---- sessions and pages, from the sorted set of their events

  std::int64_t closing(const Visit& visit) const {
    const Clock3& world = worlds_.at({visit.site, visit.stream});
    if (world.ended) return std::numeric_limits<std::int64_t>::max();
    return visit.stream == 0 ? std::max(world.watermark, tick_) : world.watermark;
  }

  std::string seconds(std::int64_t from, std::int64_t to) const {
    return text(std::min<std::int64_t>(std::max<std::int64_t>(to - from, 0), 1'800'000) / 1000);
  }

  void write_visit(const Visit& visit) {
    std::vector<Fact> facts = visit.facts;
    std::sort(facts.begin(), facts.end());
    std::vector<Fact> pages;
    std::int64_t engaged = 0;
    const Fact* user = nullptr;
    for (const Fact& fact : facts) {
      if (fact.event.kind == Kind::pageview) pages.push_back(fact);
      engaged += engages(fact.event.kind) ? 1 : 0;
      if (!fact.event.user_id.empty()) user = &fact;
    }
    const Fact& lead = pages.empty() ? facts.front() : pages.front();
    const Fact& last = facts.back();
    const std::int64_t first_ms = facts.front().event.timestamp_ms;
    const std::int64_t last_ms = last.event.timestamp_ms;
    const bool closed = last_ms + settings_.session_gap_ms <= closing(visit) ||
                        last_ms < worlds_.at({visit.site, visit.stream}).floor;
    const auto page_text = [&](bool entry, auto member) -> std::string {
      if (pages.empty()) return "null";
      return member(entry ? pages.front().event : pages.back().event);
    };
    const auto url = [](const Event& event) { return event.url.empty() ? event.path : event.url; };
    const auto path = [](const Event& event) { return event.path; };
    const auto title = [](const Event& event) { return or_null(event.title); };
    const Event& led = lead.event;
    const std::string site = visit.site.text();
    tables_["user_sessions"][text(visit.key)] = {
        {"session_key", text(visit.key)},
        {"session_id", visit.name},
        {"visitor_id", visit.visitor},
        {"site_id", site},
        {"stream", text(std::uint64_t{visit.stream})},
        {"session_start", text(first_ms)},
        {"session_end", closed ? text(last_ms) : "null"},
        {"last_event_at", text(last_ms)},
        {"last_position", text(last.position)},
        {"duration_seconds", text((last_ms - first_ms) / 1000)},
        {"pageview_count", text(std::uint64_t{pages.size()})},
        {"event_count", text(std::uint64_t{facts.size() - pages.size()})},
        {"engaged_count", text(engaged)},
        {"bounce", yes(pages.size() == 1 && engaged == 0)},
        {"entry_url", page_text(true, url)},
        {"entry_path", page_text(true, path)},
        {"entry_title", page_text(true, title)},
        {"exit_url", page_text(false, url)},
        {"exit_path", page_text(false, path)},
        {"exit_position", pages.empty() ? "null" : text(pages.back().position)},
        {"exit_at", pages.empty() ? "null" : text(pages.back().event.timestamp_ms)},
        {"utm_source", or_null(led.utm_source)},
        {"utm_medium", or_null(led.utm_medium)},
        {"utm_campaign", or_null(led.utm_campaign)},
        {"utm_content", or_null(led.utm_content)},
        {"utm_term", or_null(led.utm_term)},
        {"referrer_type", std::string(event::to_string(led.referrer_type))},
        {"referrer_platform", or_null(led.referrer_platform)},
        {"original_referrer", or_null(led.referrer)},
        {"user_agent", or_null(led.user_agent)},
        {"browser_language", or_null(led.language)},
        {"timezone", or_null(led.timezone)},
        {"screen_width", number_or_null(led.screen_width, 0)},
        {"screen_height", number_or_null(led.screen_height, 0)},
        {"viewport_width", number_or_null(led.viewport_width, 0)},
        {"viewport_height", number_or_null(led.viewport_height, 0)},
        {"device_pixel_ratio",
         led.device_pixel_ratio == 0 ? "null" : decimal(led.device_pixel_ratio, 2)},
        {"browser", or_null(led.browser)},
        {"os", or_null(led.os)},
        {"device_type", std::string(event::to_string(led.device))},
        {"country", or_null(led.country)},
        {"user_id", user == nullptr ? "null" : user->event.user_id},
        {"user_at", user == nullptr ? "null" : text(user->event.timestamp_ms)},
        {"user_position", user == nullptr ? "null" : text(user->position)},
        {"lead_position", text(lead.position)}};
    for (std::size_t index = 0; index < pages.size(); ++index) {
      write_page(visit, pages[index], index + 1 < pages.size() ? &pages[index + 1]
                                      : pages[index] < last    ? &last
                                                               : nullptr);
    }
  }

  void write_page(const Visit& visit, const Fact& page, const Fact* after) {
    const Event& event = page.event;
    tables_["pageviews"][text(page.position)] = {
        {"id", text(page.position)},
        {"session_id", visit.name},
        {"session_key", text(visit.key)},
        {"visitor_id", event.visitor_id},
        {"site_id", visit.site.text()},
        {"url", event.url.empty() ? event.path : event.url},
        {"path", event.path},
        {"title", or_null(event.title)},
        {"query_params", or_null(event.query)},
        {"hash_fragment", or_null(event.fragment)},
        {"view_timestamp", text(event.timestamp_ms)},
        {"time_on_page_seconds",
         after == nullptr ? "null" : seconds(event.timestamp_ms, after->event.timestamp_ms)},
        {"referrer", or_null(event.referrer)},
        {"internal_referrer", yes(event.referrer_type == event::ReferrerType::internal)},
        {"utm_source", or_null(event.utm_source)},
        {"utm_medium", or_null(event.utm_medium)},
        {"utm_campaign", or_null(event.utm_campaign)},
        {"utm_content", or_null(event.utm_content)},
        {"utm_term", or_null(event.utm_term)}};
  }

  // ---- recommendations: every pair of row and event

  void write_recommendations() {
    std::vector<Fact> facts;
    for (const Visit& visit : visits_) {
      for (const Fact& fact : visit.facts) {
        if (fact.event.stream == 0) facts.push_back(fact);
      }
    }
    struct Row {
      std::string key;
      const event::Decision* decision;
      Uuid id;
      std::string item;
      TextRow* row;
    };
    std::vector<Row> rows;
    std::vector<std::pair<Row, Click>> clicks;
    for (const auto& [position, decision] : decisions_) {
      for (const event::DecidedItem& item : decision.items) {
        const std::string key = text(position) + "/" + text(std::uint64_t{item.rank});
        const Uuid id = Uuid::from_name(decision.decision_id, text(std::uint64_t{item.rank}));
        TextRow& row = tables_["recommendations"][key];
        row = recommendation(position, decision, item, id);
        Row entry{key, &decision, id, item.item_id, &row};
        apply_outcomes(entry.decision, entry.item, position, facts, row, [&](const Click& click) {
          Click mine = click;
          mine.row = id;
          clicks.emplace_back(entry, mine);
        });
        rows.push_back(entry);
      }
    }
    std::map<std::string, std::pair<std::int64_t, double>> credits;
    for (const Fact& fact : facts) {
      if (fact.event.kind != Kind::purchase) continue;
      for (const event::Item& item : fact.event.items) {
        const std::pair<Row, Click>* best = nullptr;
        for (const auto& candidate : clicks) {
          const auto& [row, click] = candidate;
          if (row.decision->site != fact.event.site || row.item != item.id ||
              row.decision->visitor_id.empty() ||
              row.decision->visitor_id != fact.event.visitor_id ||
              click.ms > fact.event.timestamp_ms ||
              fact.event.timestamp_ms > click.ms + settings_.conversion_window_ms) {
            continue;
          }
          if (best == nullptr || std::pair(click.ms, click.position) >
                                     std::pair(best->second.ms, best->second.position) ||
              (std::pair(click.ms, click.position) ==
                   std::pair(best->second.ms, best->second.position) &&
               click.row < best->second.row)) {
            best = &candidate;
          }
        }
        if (best == nullptr) continue;
        const double amount = item.price >= 0                  ? item.price * item.quantity
                              : fact.event.items.size() == 1 ? fact.event.revenue
                                                             : 0;
        auto [credit, is_new] =
            credits.try_emplace(best->first.key, fact.event.timestamp_ms, 0.0);
        credit->second.first = std::min(credit->second.first, fact.event.timestamp_ms);
        credit->second.second += std::round(amount * 10'000) / 10'000;
      }
    }
    for (const auto& [key, credit] : credits) {
      TextRow& row = tables_["recommendations"][key];
      row["converted"] = "true";
      row["converted_at"] = text(credit.first);
      row["revenue"] = decimal(credit.second, 4);
    }
  }

  TextRow recommendation(std::uint64_t position, const event::Decision& decision,
                         const event::DecidedItem& item, const Uuid& id) const {
    const std::string site = decision.site.text();
    char eligible[20];
    char seed[20];
    std::snprintf(eligible, sizeof eligible, "%016llx",
                  static_cast<unsigned long long>(decision.eligible_hash));
    std::snprintf(seed, sizeof seed, "%016llx", static_cast<unsigned long long>(decision.seed));
    return {{"id", id.text()},
            {"session_id",
             Uuid::from_name(decision.site, decision.session_id.empty()
                                                ? "visitor:" + decision.visitor_id
                                                : "session:" + decision.session_id)
                 .text()},
            {"user_id", or_null(decision.visitor_id)},
            {"website_id", site},
            {"recommendation_type", decision.type},
            {"item_id", item.item_id},
            {"score", decimal(std::min(1.0, std::max(0.0, item.score)), 4)},
            {"rank", text(std::uint64_t{item.rank})},
            {"context", or_null(decision.context_json)},
            {"strategy", or_null(item.strategy)},
            {"model_version", or_null(decision.model_version)},
            {"personalization_factors", or_null(decision.factors_json)},
            {"shown", "false"},
            {"clicked", "false"},
            {"converted", "false"},
            {"revenue", "null"},
            {"shown_at", "null"},
            {"clicked_at", "null"},
            {"converted_at", "null"},
            {"decision_id", decision.decision_id.text()},
            {"position", text(position)},
            {"product_id", text(stable_id(site, item.item_id))},
            {"person_id", decision.visitor_id.empty()
                              ? "null"
                              : text(stable_id(site, decision.visitor_id))},
            {"decided_at", text(decision.decided_ms)},
            {"propensity", number_text(item.propensity)},
            {"raw_score", number_text(item.raw_score)},
            {"reason", or_null(item.reason)},
            {"placement", or_null(decision.placement)},
            {"session_text", or_null(decision.session_id)},
            {"eligible_count", text(std::uint64_t{decision.eligible_count})},
            {"eligible_hash", eligible},
            {"seed", seed},
            {"matured_at", text(decision.decided_ms + settings_.click_window_ms)}};
  }

  template <class Tell>
  void apply_outcomes(const event::Decision* decision, const std::string& item_id,
                      std::uint64_t position, const std::vector<Fact>& facts, TextRow& row,
                      const Tell& tell_click) const {
    std::optional<std::int64_t> shown;
    std::optional<std::int64_t> first_click;
    std::optional<std::int64_t> last_click;
    for (const Fact& fact : facts) {
      const Event& event = fact.event;
      const bool is_click =
          event.kind == Kind::recommendation_click || event.kind == Kind::product_click;
      if (!is_click && event.kind != Kind::recommendation_shown) continue;
      if (event.decision_id != decision->decision_id || event.site != decision->site ||
          fact.position < position ||
          event.timestamp_ms > decision->decided_ms + settings_.click_window_ms) {
        continue;
      }
      for (const event::Item& item : event.items) {
        if (item.id != item_id) continue;
        shown = std::min(shown.value_or(event.timestamp_ms), event.timestamp_ms);
        if (!is_click) continue;
        first_click = std::min(first_click.value_or(event.timestamp_ms), event.timestamp_ms);
        last_click = std::max(last_click.value_or(event.timestamp_ms), event.timestamp_ms);
        tell_click(Click{{}, event.timestamp_ms, fact.position});
      }
    }
    if (shown) {
      row["shown"] = "true";
      row["shown_at"] = text(*shown);
    }
    if (first_click) {
      row["clicked"] = "true";
      row["clicked_at"] = text(*first_click);
      row["matured_at"] = text(*last_click + settings_.conversion_window_ms);
    }
  }

  // ---- days

  std::int32_t day_of(const Uuid& site, std::int64_t ms) const {
    const auto found = sites_.sites()->by_id.find(site);
    return TimeZone::find(found->second.timezone)->day_of(ms);
  }

  void write_days() {
    struct Sum {
      std::set<std::string> visitors;
      std::int64_t sessions = 0, bounced = 0, seconds = 0, pages = 0, views = 0, events = 0,
                   orders = 0;
      double revenue = 0;
      std::map<std::string, std::int64_t> types;
    };
    std::map<std::pair<std::string, std::int32_t>, Sum> sums;
    for (const auto& [key, unused] : days_) sums[key];
    const auto sum_of = [&](const TextRow& row, const char* time) -> Sum& {
      const Uuid site = *Uuid::parse(row.at("site_id"));
      return sums[{row.at("site_id"), day_of(site, std::stoll(row.at(time)))}];
    };
    for (const auto& [id, row] : tables_["pageviews"]) {
      Sum& sum = sum_of(row, "view_timestamp");
      ++sum.views;
      sum.visitors.insert(row.at("visitor_id"));
    }
    for (const auto& [id, row] : tables_["user_events"]) {
      Sum& sum = sum_of(row, "event_timestamp");
      ++sum.events;
      sum.visitors.insert(row.at("visitor_id"));
    }
    for (const auto& [id, row] : tables_["orders"]) {
      Sum& sum = sum_of(row, "order_timestamp");
      ++sum.orders;
      sum.revenue += std::stod(row.at("revenue"));
    }
    for (const auto& [id, row] : tables_["user_sessions"]) {
      Sum& sum = sum_of(row, "session_start");
      ++sum.sessions;
      sum.bounced += row.at("bounce") == "true" ? 1 : 0;
      sum.seconds += std::stoll(row.at("duration_seconds"));
      sum.pages += std::stoll(row.at("pageview_count"));
      ++sum.types[row.at("referrer_type")];
    }
    for (const auto& entry : sums) {
      const auto& [site, day] = entry.first;
      Sum sum = entry.second;
      const std::string id = text(stable_id(site, day_text(day)));
      const auto share = [&](std::int64_t total, int scale) -> std::string {
        if (sum.sessions == 0) return "null";
        const auto factor = static_cast<std::int64_t>(std::pow(10, scale));
        const std::int64_t scaled =
            (total * factor * 2 + sum.sessions) / (sum.sessions * 2);
        return number_text(static_cast<double>(scaled) / static_cast<double>(factor));
      };
      TextRow row{{"id", id},
                  {"site_id", site},
                  {"metric_date", day_text(day)},
                  {"unique_visitors", text(std::uint64_t{sum.visitors.size()})},
                  {"total_sessions", text(sum.sessions)},
                  {"total_pageviews", text(sum.views)},
                  {"total_events", text(sum.events)},
                  {"bounced_sessions", text(sum.bounced)},
                  {"total_duration_seconds", text(sum.seconds)},
                  {"bounce_rate", share(sum.bounced, 4)},
                  {"avg_session_duration_seconds", share(sum.seconds, 0)},
                  {"avg_pages_per_session", share(sum.pages, 2)},
                  {"orders", text(sum.orders)},
                  {"revenue", decimal(sum.revenue, 4)}};
      for (int type = 0; type < 8; ++type) {
        const std::string name(event::to_string(static_cast<event::ReferrerType>(type)));
        row[name + "_sessions"] = text(sum.types[name]);
      }
      tables_["daily_site_metrics"][id] = std::move(row);
    }
  }

  struct Bucket {
    std::int64_t hour;
    std::set<std::pair<Uuid, Uuid>> ids;
  };

  const event::SiteDirectory& sites_;
  const Settings& settings_;
  std::map<WorldKey, Clock3> worlds_;
  std::deque<Visit> visits_;
  std::vector<Bucket> buckets_;
  std::vector<std::pair<std::uint64_t, event::Decision>> decisions_;
  std::map<std::pair<std::string, std::int32_t>, bool> days_;
  std::int64_t tick_ = kFar;
  std::int64_t arrival_ = 0;
  TextTables tables_;
};

}  // namespace

TextTables reference_tables(const MemoryJournal& journal, journal::Position until,
                            const event::SiteDirectory& sites, const Settings& settings) {
  Reference reference(sites, settings);
  for (const MemoryJournal::Entry& entry : journal.entries()) {
    if (entry.position < until.offset) reference.take(entry.position, entry.body);
  }
  return reference.tables();
}

}  // namespace attune::etl
