#include "serve/placement_store.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/hash.h"
#include "serve/json_fields.h"
#include "serve/product.h"
#include "serve/row_reader.h"

namespace attune::serve {
namespace {

namespace json = boost::json;
using decide::Placement;
using decide::Rule;
using decide::RuleKind;

constexpr std::size_t kTextMax = 255;
constexpr std::size_t kListMax = 1000;
constexpr std::array<std::string_view, 7> kDays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

bool is_strategy(std::string_view name) {
  const auto all = decide::placement_strategies();
  return std::find(all.begin(), all.end(), name) != all.end();
}

std::string strategy_rule(std::string_view name) {
  return fmt::format("'{}' is no strategy: there are {}", name,
                     fmt::join(decide::placement_strategies(), ", "));
}

void read_mix(JsonFields& fields, Placement& placement) {
  const json::value* value = fields.optional_value("strategies");
  if (value == nullptr) return;
  const json::object* mix = value->if_object();
  if (mix == nullptr || mix->empty()) {
    return fields.refuse("strategies", "must be an object of strategies and their weights");
  }
  placement.strategies.clear();
  for (const auto& part : *mix) {
    const std::string name(part.key());
    const double weight = part.value().is_number() ? part.value().to_number<double>() : 0;
    if (!is_strategy(name)) return fields.refuse("strategies", strategy_rule(name));
    if (!(weight > 0 && weight <= 1000)) {
      return fields.refuse("strategies." + name, "must be a number above 0, at most 1000");
    }
    placement.strategies.push_back({name, weight});
  }
}

void read_fallback(JsonFields& fields, Placement& placement) {
  const auto chain = fields.optional_texts("fallback", kTextMax);
  if (!chain) return;
  for (const std::string& name : *chain) {
    if (!is_strategy(name)) return fields.refuse("fallback", strategy_rule(name));
    if (std::count(chain->begin(), chain->end(), name) > 1) {
      return fields.refuse("fallback", fmt::format("names '{}' twice", name));
    }
  }
  placement.fallback = *chain;
}

std::vector<std::string> read_types(JsonFields& fields) {
  auto types = fields.optional_texts("types", kTextMax).value_or(std::vector<std::string>{});
  for (const std::string& type : types) {
    if (std::find(kProductTypes.begin(), kProductTypes.end(), type) == kProductTypes.end()) {
      fields.refuse("types", fmt::format("'{}' is no type: there are {}", type,
                                         fmt::join(kProductTypes, ", ")));
    }
  }
  return types;
}

/// Texts of a condition as sorted hashes.
std::vector<std::uint64_t> read_hashes(JsonFields& fields, std::string_view name,
                                       const std::optional<std::vector<std::string>>& texts) {
  std::vector<std::uint64_t> hashes;
  if (!texts) return hashes;
  if (texts->size() > kListMax) fields.refuse(name, fmt::format("has more than {}", kListMax));
  for (const std::string& text : *texts) hashes.push_back(decide::attribute_hash(text));
  std::sort(hashes.begin(), hashes.end());
  return hashes;
}

Result<void> read_condition(const json::value* value, const Uuid& site, std::string prefix,
                            decide::Condition& when) {
  if (value == nullptr) return {};
  JsonFields fields(*value, std::move(prefix));
  const auto hashes = [&](std::string_view name) {
    return read_hashes(fields, name, fields.optional_texts(name, kTextMax));
  };
  when.categories = hashes("categories");
  when.brands = hashes("brands");
  when.labels = hashes("labels");
  when.types = read_hashes(fields, "types", read_types(fields));
  const auto items = fields.optional_texts("items", kTextMax).value_or(std::vector<std::string>{});
  if (items.size() > kListMax) fields.refuse("items", fmt::format("has more than {}", kListMax));
  for (const std::string& item : items) when.items.push_back(stable_id(site.text(), item));
  std::sort(when.items.begin(), when.items.end());
  when.price_min = fields.optional_number("price_min", 0, 1e12);
  when.price_max = fields.optional_number("price_max", 0, 1e12);
  when.in_stock = fields.optional_flag("in_stock");
  if (when.price_min && when.price_max && *when.price_max < *when.price_min) {
    fields.refuse("price_max", "must not be below price_min");
  }
  return fields.finish();
}

/// "2026-11-21T10:00:00Z" in milliseconds.
std::optional<std::int64_t> instant_of(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:ddZ";
  if (text.size() != kShape.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == 'd' ? !digit : text[i] != kShape[i]) return std::nullopt;
  }
  const auto two = [&](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  const auto day = parse_day(text.substr(0, 10));
  if (!day || two(11) > 23 || two(14) > 59 || two(17) > 59) return std::nullopt;
  return *day * std::int64_t{86'400'000} + (two(11) * 3600 + two(14) * 60 + two(17)) * 1000;
}

Result<void> read_schedule(const json::value* value, std::string prefix,
                           decide::Schedule& schedule) {
  if (value == nullptr) return {};
  JsonFields fields(*value, std::move(prefix));
  const auto instant = [&](std::string_view name, std::int64_t& into) {
    const auto text = fields.optional_text(name, 40);
    if (!text) return;
    const auto time = instant_of(*text);
    if (time) into = *time;
    else fields.refuse(name, "must be an instant like 2026-11-21T10:00:00Z");
  };
  instant("from", schedule.from_ms);
  instant("until", schedule.until_ms);
  if (schedule.until_ms <= schedule.from_ms) fields.refuse("until", "must be after from");
  if (const auto days = fields.optional_texts("days", 3)) {
    schedule.days = 0;
    for (const std::string& day : *days) {
      const auto at = std::find(kDays.begin(), kDays.end(), day);
      if (at == kDays.end()) fields.refuse("days", "are mon, tue, wed, thu, fri, sat, sun");
      else schedule.days = static_cast<std::uint8_t>(schedule.days | 1U << (at - kDays.begin()));
    }
    if (schedule.days == 0) fields.refuse("days", "must name a day");
  }
  schedule.from_hour =
      static_cast<std::uint8_t>(fields.optional_whole("from_hour", 0, 23).value_or(0));
  schedule.until_hour =
      static_cast<std::uint8_t>(fields.optional_whole("until_hour", 0, 24).value_or(24));
  if (schedule.until_hour == schedule.from_hour) {
    fields.refuse("until_hour", "must not be from_hour");
  }
  return fields.finish();
}

void read_price_band(JsonFields& fields, Rule& rule) {
  const auto low = fields.optional_number("price_min", 0, 1e12);
  const auto high = fields.optional_number("price_max", 0, 1e12);
  if (!low && !high) fields.refuse("price_min", "or price_max is required");
  if (low && high && *high < *low) fields.refuse("price_max", "must not be below price_min");
  rule.price_min = low.value_or(rule.price_min);
  rule.price_max = high.value_or(rule.price_max);
  rule.price_relative = fields.optional_flag("relative").value_or(false);
}

/// The fields that only rules of this kind have.
void read_kind(JsonFields& fields, Rule& rule) {
  switch (rule.kind) {
    case RuleKind::pin:
      rule.item = fields.text("item", kTextMax);
      rule.slot = static_cast<std::size_t>(fields.optional_whole("slot", 1, 100).value_or(1));
      break;
    case RuleKind::boost:
    case RuleKind::bury: {
      const auto factor = fields.optional_number("factor", 1, 1000);
      if (factor && *factor <= 1) fields.refuse("factor", "must be above 1");
      rule.factor = factor.value_or(2);
      break;
    }
    case RuleKind::cap: {
      rule.cap = static_cast<std::size_t>(fields.optional_whole("max", 1, 100).value_or(2));
      const std::string by = fields.optional_text("by", 20).value_or("category");
      if (by != "category" && by != "brand") fields.refuse("by", "is category or brand");
      rule.cap_by_brand = by == "brand";
      break;
    }
    case RuleKind::price_band:
      read_price_band(fields, rule);
      break;
    case RuleKind::exclude:
    case RuleKind::only_if:
      break;
  }
}

/// What a bandit learns from, and how long it remembers.
void read_learning(JsonFields& fields, Placement& placement) {
  placement.bandit_half_life_h = fields.optional_number("bandit_half_life_h", 0, 1e5).value_or(0);
  const json::value* value = fields.optional_value("bandit_rewards");
  if (value == nullptr) return;
  JsonFields of(*value, fields.prefix_of("bandit_rewards"));
  learn::BanditRewards& rewards = placement.bandit_rewards;
  rewards.click = of.optional_number("click", 0, 1000).value_or(0);
  rewards.cart = of.optional_number("cart", 0, 1000).value_or(0);
  rewards.purchase = of.optional_number("purchase", 0, 1000).value_or(0);
  rewards.revenue = of.optional_number("revenue", 0, 1000).value_or(0);
  rewards.revenue_max = of.optional_number("revenue_max", 0.01, 1e6).value_or(100);
  if (!rewards.is_good()) of.refuse("click", "or another weight must be above 0");
  fields.take(of.finish());
}

Result<json::value> stored_json(const std::string& text) {
  json::error_code error;
  json::value value = json::parse(text, error);
  if (error) return fail(ErrorCode::data_loss, "a stored definition is not JSON");
  return value;
}

}  // namespace

Result<void> check_placement_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  if (!name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), allowed)) {
    return {};
  }
  return fail(ErrorCode::invalid_argument, "is 1 to 100 letters, digits, '_', '-' or '.'", "name");
}

Result<Placement> read_placement(const json::value& value, std::string name, std::string prefix) {
  JsonFields fields(value, std::move(prefix));
  Placement made;
  made.name = std::move(name);
  made.count = static_cast<std::size_t>(fields.optional_whole("count", 1, 100).value_or(10));
  read_mix(fields, made);
  read_fallback(fields, made);
  if (const auto text = fields.optional_text("context", 20)) {
    const auto context = decide::parse_context(*text);
    if (context) made.context = *context;
    else fields.refuse("context", "is any, item, cart, session, visitor, category or search");
  }
  made.diversity = fields.optional_number("diversity", 0, 1).value_or(0);
  made.exploration = fields.optional_number("exploration", 0, 1);
  made.temperature = fields.optional_number("temperature", 0, 10);
  if (const auto text = fields.optional_text("bandit", 30); text && *text != "none") {
    made.bandit = learn::parse_bandit_kind(*text);
    if (!made.bandit) {
      fields.refuse("bandit", "is none, lin_ucb, lin_ucb_hybrid, thompson_beta, thompson_linear, "
                              "thompson_logistic, greedy, epsilon_greedy or square_cb");
    }
  }
  read_learning(fields, made);
  made.types = read_types(fields);
  made.hide_bought = fields.optional_flag("hide_bought").value_or(true);
  made.hide_seen = fields.optional_flag("hide_seen").value_or(false);
  made.hide_out_of_stock = fields.optional_flag("hide_out_of_stock").value_or(true);
  made.control_share = fields.optional_number("control_share", 0, 0.9).value_or(0);
  const std::string control = fields.optional_text("control", 20).value_or("popular");
  if (control != "popular" && control != "nothing") {
    fields.refuse("control", "is popular or nothing");
  }
  made.control_gets_none = control == "nothing";
  made.budget_us = 1000 * fields.optional_whole("budget_ms", 1, 1000).value_or(20);
  ATTUNE_TRY(fields.finish());
  return made;
}

Result<Rule> read_rule(const json::value& value, const Uuid& site, std::string id,
                       std::string prefix) {
  JsonFields fields(value, std::move(prefix));
  Rule rule;
  rule.id = std::move(id);
  rule.name = fields.text("name", kTextMax);
  const std::string kind = fields.text("kind", 20);
  const auto known = decide::parse_rule_kind(kind);
  if (known) rule.kind = *known;
  else fields.refuse("kind", "is pin, boost, bury, exclude, only_if, cap or price_band");
  if (auto placement = fields.optional_text("placement", 100)) {
    if (!placement->empty()) {
      if (!check_placement_name(*placement)) fields.refuse("placement", "is no name of one");
      rule.placement = std::move(*placement);
    }
  }
  rule.enabled = fields.optional_flag("enabled").value_or(true);
  rule.order =
      static_cast<std::int32_t>(fields.optional_whole("order", -1'000'000, 1'000'000).value_or(0));
  fields.take(read_condition(fields.optional_value("when"), site, fields.prefix_of("when"),
                             rule.when));
  fields.take(read_schedule(fields.optional_value("schedule"), fields.prefix_of("schedule"),
                            rule.schedule));
  if (known) read_kind(fields, rule);
  const bool is_about_all = rule.kind == RuleKind::only_if && rule.when.is_empty();
  if (known && is_about_all) fields.refuse("when", "is required: it would allow everything");
  ATTUNE_TRY(fields.finish());
  return rule;
}

Result<std::shared_ptr<const decide::SiteRules>> load_site_rules(store::Session& session,
                                                                 const event::Site& site) {
  auto made = std::make_shared<decide::SiteRules>();
  auto zone = TimeZone::find(site.timezone);
  if (zone) made->zone = std::move(*zone);
  const store::Value parameters[] = {site.id.text()};
  ATTUNE_ASSIGN(const store::Rows placements, session.query("decide/placements", parameters));
  for (const auto& row : placements.rows) {
    RowReader reader(row);
    const auto name = reader.take<std::string>();
    ATTUNE_ASSIGN(const json::value definition, stored_json(reader.take<std::string>()));
    auto placement = read_placement(definition, name);
    if (!placement) return pass(placement, fmt::format("placement {}", name));
    made->placements.emplace(name, std::move(*placement));
  }
  ATTUNE_ASSIGN(const store::Rows rules, session.query("decide/rules", parameters));
  for (const auto& row : rules.rows) {
    RowReader reader(row);
    const std::string id = reader.take<Uuid>().text();
    ATTUNE_ASSIGN(const json::value definition, stored_json(reader.take<std::string>()));
    auto rule = read_rule(definition, site.id, id);
    if (!rule) return pass(rule, fmt::format("rule {}", id));
    made->rules.push_back(std::move(*rule));
  }
  decide::sort_rules(made->rules);
  return made;
}

}  // namespace attune::serve
