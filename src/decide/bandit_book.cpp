#include "decide/bandit_book.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/ensure.h"
#include "base/hash.h"
#include "learn/bandit_features.h"
#include "learn/bytes.h"

namespace attune::decide {
namespace {

namespace json = boost::json;

constexpr std::uint32_t kBookVersion = 1;
constexpr std::size_t kStatusArmsMax = 100;

void write_numbers(const std::vector<float>& numbers, JsonWriter& out) {
  out.begin_array();
  // Three digits are all there are (bandit_features.h).
  for (const float number : numbers) out.raw(fmt::format("{}", number));
  out.end_array();
}

std::optional<std::vector<float>> read_numbers(const json::value& value, std::size_t size) {
  if (!value.is_array() || value.as_array().size() != size) return std::nullopt;
  std::vector<float> numbers;
  for (const json::value& number : value.as_array()) {
    if (!number.is_number()) return std::nullopt;
    numbers.push_back(number.to_number<float>());
  }
  return numbers;
}

/// Rewards and half life; decisions of older versions have none.
bool read_learning(const json::object& object, BanditTrace& trace) {
  if (const auto* rewards = object.if_contains("rewards"); rewards != nullptr) {
    const auto numbers = read_numbers(*rewards, 5);
    if (!numbers) return false;
    const std::vector<float>& n = *numbers;
    trace.rewards = {n[0], n[1], n[2], n[3], n[4]};
  }
  if (const auto* hours = object.if_contains("half_life_h"); hours != nullptr) {
    if (!hours->is_number()) return false;
    trace.half_life_h = hours->to_number<double>();
  }
  return trace.rewards.is_good() && trace.half_life_h >= 0 && trace.half_life_h <= 1e5;
}

std::optional<BanditTrace> trace_of(const json::value& value) {
  if (!value.is_object()) return std::nullopt;
  const json::object& object = value.as_object();
  const auto* placement = object.if_contains("placement");
  const auto* kind = object.if_contains("kind");
  const auto* updates = object.if_contains("updates");
  const auto* given_up = object.if_contains("given_up");
  const auto* context = object.if_contains("context");
  const auto* features = object.if_contains("features");
  if (placement == nullptr || !placement->is_string() || kind == nullptr || !kind->is_string() ||
      updates == nullptr || !updates->is_number() || given_up == nullptr ||
      !given_up->is_number() || context == nullptr || features == nullptr ||
      !features->is_array()) {
    return std::nullopt;
  }
  BanditTrace trace;
  trace.placement = placement->as_string();
  const auto known = learn::parse_bandit_kind(std::string_view(kind->as_string()));
  auto numbers = read_numbers(*context, learn::kBanditContextSize);
  boost::system::error_code problem;
  trace.updates = updates->to_number<std::uint64_t>(problem);
  if (!known || !numbers || problem) return std::nullopt;
  trace.kind = *known;
  trace.given_up = given_up->to_number<double>();
  trace.context = std::move(*numbers);
  if (const auto* blend = object.if_contains("blend"); blend != nullptr && blend->is_array()) {
    for (const json::value& probability : blend->as_array()) {
      if (!probability.is_number()) return std::nullopt;
      trace.blend.push_back(probability.to_number<double>());
    }
  }
  if (!read_learning(object, trace)) return std::nullopt;
  for (const json::value& item : features->as_array()) {
    if (item.is_null()) {
      trace.features.emplace_back();
      continue;
    }
    auto of_item = read_numbers(item, learn::kBanditFeatureSize);
    if (!of_item) return std::nullopt;
    trace.features.push_back(std::move(*of_item));
  }
  return trace;
}

}  // namespace

void write_trace(const BanditTrace& trace, JsonWriter& out) {
  out.begin_object();
  out.key("placement");
  out.text(trace.placement);
  out.key("kind");
  out.text(to_string(trace.kind));
  out.key("updates");
  out.unsigned_integer(trace.updates);
  out.key("given_up");
  out.number(trace.given_up);
  out.key("context");
  write_numbers(trace.context, out);
  out.key("features");
  out.begin_array();
  for (const std::vector<float>& item : trace.features) {
    if (item.empty()) out.null();
    else write_numbers(item, out);
  }
  out.end_array();
  out.key("blend");
  out.begin_array();
  for (const double probability : trace.blend) out.number(probability);
  out.end_array();
  if (const learn::BanditRewards& r = trace.rewards; r != learn::BanditRewards{}) {
    out.key("rewards");
    out.begin_array();
    for (const double weight : {r.click, r.cart, r.purchase, r.revenue, r.revenue_max}) {
      out.number(weight);
    }
    out.end_array();
  }
  if (trace.half_life_h > 0) {
    out.key("half_life_h");
    out.number(trace.half_life_h);
  }
  out.end_object();
}

Result<std::optional<BanditTrace>> read_trace(std::string_view factors_json) {
  const std::optional<BanditTrace> none;
  if (factors_json.find("\"bandit\"") == std::string_view::npos) return none;
  boost::system::error_code problem;
  const json::value factors = json::parse(factors_json, problem);
  const auto refuse = [] {
    return fail(ErrorCode::invalid_argument, "is not what a bandit's decision keeps", "bandit");
  };
  if (problem || !factors.is_object()) return refuse();
  const json::value* found = factors.as_object().if_contains("bandit");
  if (found == nullptr) return none;
  auto trace = trace_of(*found);
  if (!trace) return refuse();
  return trace;
}

learn::BanditOptions BanditBook::options_of(learn::BanditKind kind) {
  learn::BanditOptions options;
  options.kind = kind;
  options.context_size = learn::kBanditContextSize;
  options.feature_size = learn::kBanditFeatureSize;
  return options;
}

BanditBook::BanditBook(const BanditBookOptions& options) : options_(options) {
  for (const learn::BanditKind kind : learn::kBanditKinds) {
    auto made = learn::make_bandit(options_of(kind));
    ensure(made.has_value(), "the options of a bandit in service are good");
    fresh_.push_back(std::move(*made));
  }
}

std::shared_ptr<const learn::Bandit> BanditBook::serving(const Uuid& site,
                                                         std::string_view placement,
                                                         learn::BanditKind kind) const {
  {
    const MutexLock lock(served_mutex_);
    const auto found = served_.find({site, std::string(placement)});
    if (found != served_.end() && found->second->options().kind == kind) return found->second;
  }
  return fresh_[static_cast<std::size_t>(kind) - 1];
}

Result<BanditBook::Model> BanditBook::make(learn::BanditKind kind) const {
  ATTUNE_ASSIGN(auto bandit, learn::make_bandit(options_of(kind)));
  ATTUNE_ASSIGN(auto learner, learn::BanditLearner::make(std::move(bandit), options_.learner));
  Model model;
  model.learner = std::make_unique<learn::BanditLearner>(std::move(learner));
  return model;
}

/// The model that a decision teaches; another kind than before starts afresh. Null: too many.
BanditBook::Model* BanditBook::model_for(const Key& key, const BanditTrace& trace) {
  auto found = models_.find(key);
  if (found == models_.end() && models_.size() >= options_.models_max) return nullptr;
  if (found == models_.end() ||
      found->second.learner->bandit().options().kind != trace.kind) {
    auto made = make(trace.kind);
    ensure(made.has_value(), "the options of a bandit in service are good");
    found = models_.insert_or_assign(key, std::move(*made)).first;
  }
  learn::BanditLearnerOptions options = options_.learner;
  options.rewards = trace.rewards;
  if (trace.half_life_h > 0) {
    options.half_life_ms = std::llround(trace.half_life_h * 3'600'000);
  }
  ensure(found->second.learner->set_options(options).has_value(), "the trace was checked");
  return &found->second;
}

void BanditBook::take(const event::Decision& decision) {
  const auto trace = read_trace(decision.factors_json);
  if (trace && !*trace) return;
  const MutexLock lock(mutex_);
  advance_to(decision.decided_ms);
  if (!trace || (*trace)->features.size() != decision.items.size()) {
    ++refused_;
    return;
  }
  Model* const model = model_for({decision.site, (*trace)->placement}, **trace);
  if (model == nullptr) {
    ++refused_;
    return;
  }
  const std::string site = decision.site.text();
  std::vector<learn::BanditImpression> items;
  for (std::size_t i = 0; i < decision.items.size(); ++i) {
    const std::vector<float>& features = (*trace)->features[i];
    if (!features.empty()) items.push_back({stable_id(site, decision.items[i].item_id), features});
  }
  if (!model->learner->decided(decision.decision_id, decision.decided_ms, (*trace)->context,
                               items)) {
    ++refused_;
    return;
  }
  model->given_up += (*trace)->given_up;
  ++model->drawn;
}

void BanditBook::take(const event::EventView& event) {
  using event::Kind;
  const MutexLock lock(mutex_);
  advance_to(event.received_ms);
  if (event.stream != 0 || event.is_bot) return;
  if (event.kind == Kind::cart_add || event.kind == Kind::purchase) {
    const std::string site = event.site.text();
    for (auto at = models_.lower_bound({event.site, {}});
         at != models_.end() && at->first.site == event.site; ++at) {
      take_outcome(event, at->second, site);
    }
    return;
  }
  if (event.decision_id.is_nil()) return;
  const bool is_shown = event.kind == Kind::recommendation_shown;
  const bool is_click =
      event.kind == Kind::recommendation_click || event.kind == Kind::product_click;
  if (!is_shown && !is_click) return;
  const std::string site = event.site.text();
  const std::int64_t person = stable_id(site, event.visitor_id);
  for (auto at = models_.lower_bound({event.site, {}});
       at != models_.end() && at->first.site == event.site; ++at) {
    Model& model = at->second;
    if (!model.learner->remembers(event.decision_id)) continue;
    for (const event::ItemView& item : event.items) {
      const learn::ArmKey arm = stable_id(site, item.id);
      if (is_shown) {
        model.learner->shown(event.decision_id, arm);
      } else if (model.learner->clicked(event.decision_id, arm, event.timestamp_ms,
                                         person)) {
        model.is_changed = true;
      }
    }
  }
}

/// Carts and purchases of what the visitor clicked in a list of the model.
void BanditBook::take_outcome(const event::EventView& event, Model& model,
                              const std::string& site) {
  const std::int64_t person = stable_id(site, event.visitor_id);
  const bool is_cart = event.kind == event::Kind::cart_add;
  for (const event::ItemView& item : event.items) {
    const double paid = item.price > 0 ? item.price * item.quantity : 0;
    const bool taught = model.learner->followed(
        person, stable_id(site, item.id),
        is_cart ? learn::BanditOutcome::cart : learn::BanditOutcome::purchase, paid);
    model.is_changed = model.is_changed || taught;
  }
}

void BanditBook::advance(std::int64_t now_ms) {
  const MutexLock lock(mutex_);
  advance_to(now_ms);
}

/// What is due matures, once a second of the records' time.
void BanditBook::advance_to(std::int64_t now_ms) {
  const std::int64_t before_ms = std::exchange(now_ms_, std::max(now_ms_, now_ms));
  if (now_ms_ / 1000 == before_ms / 1000) return;
  for (auto& [key, model] : models_) {
    const std::uint64_t updates = model.learner->bandit().updates();
    const double decay = model.learner->bandit().log_decay();
    model.learner->advance(now_ms_);
    if (model.learner->bandit().updates() != updates ||
        model.learner->bandit().log_decay() != decay) {
      model.is_changed = true;
    }
  }
}

bool BanditBook::publish() {
  const MutexLock lock(mutex_);
  bool is_any = false;
  for (auto& [key, model] : models_) {
    if (model.is_frozen || !model.is_changed) continue;
    model.is_changed = false;
    model.served = model.learner->bandit().clone();
    is_any = true;
    const MutexLock served_lock(served_mutex_);
    served_[key] = model.served;
  }
  return is_any;
}

Result<void> BanditBook::freeze(const Uuid& site, std::string_view placement, bool frozen) {
  const MutexLock lock(mutex_);
  const auto found = models_.find({site, std::string(placement)});
  if (found == models_.end()) return fail(ErrorCode::not_found, "no such bandit", "placement");
  Model& model = found->second;
  if (frozen && model.served == nullptr) {
    model.served = model.learner->bandit().clone();
    const MutexLock served_lock(served_mutex_);
    served_[found->first] = model.served;
  }
  if (!frozen && model.is_frozen) model.is_changed = true;
  model.is_frozen = frozen;
  return {};
}

Result<void> BanditBook::reset(const Uuid& site, std::string_view placement) {
  const MutexLock lock(mutex_);
  const auto found = models_.find({site, std::string(placement)});
  if (found == models_.end()) return fail(ErrorCode::not_found, "no such bandit", "placement");
  ATTUNE_ASSIGN(Model made, make(found->second.learner->bandit().options().kind));
  found->second = std::move(made);
  const MutexLock served_lock(served_mutex_);
  served_.erase(found->first);
  return {};
}

void BanditBook::forget(const Uuid& site) {
  const MutexLock lock(mutex_);
  std::erase_if(models_, [&](const auto& model) { return model.first.site == site; });
  const MutexLock served_lock(served_mutex_);
  std::erase_if(served_, [&](const auto& model) { return model.first.site == site; });
}

std::uint64_t BanditBook::refused() const {
  const MutexLock lock(mutex_);
  return refused_;
}

std::vector<BanditStatus> BanditBook::status(const std::optional<Uuid>& site) const {
  const MutexLock lock(mutex_);
  std::vector<BanditStatus> all;
  for (const auto& [key, model] : models_) {
    if (site && key.site != *site) continue;
    const learn::Bandit& bandit = model.learner->bandit();
    BanditStatus status;
    status.site = key.site;
    status.placement = key.placement;
    status.kind = bandit.options().kind;
    status.is_frozen = model.is_frozen;
    status.updates = bandit.updates();
    status.remembered = model.learner->remembered();
    status.counters = model.learner->counters();
    status.arms = bandit.arms();
    double reward = 0;
    double weight = 0;
    for (const learn::BanditArmState& arm : status.arms) {
      reward += arm.reward;
      weight += arm.weight;
    }
    if (weight > 0) status.mean_reward = reward / weight;
    if (model.drawn > 0) status.given_up = model.given_up / static_cast<double>(model.drawn);
    std::ranges::sort(status.arms, [](const auto& a, const auto& b) {
      return a.updates != b.updates ? a.updates > b.updates : a.key < b.key;
    });
    if (status.arms.size() > kStatusArmsMax) status.arms.resize(kStatusArmsMax);
    all.push_back(std::move(status));
  }
  return all;
}

std::string BanditBook::write(journal::Position position) const {
  const MutexLock lock(mutex_);
  learn::ByteWriter out;
  out.number(kBookVersion);
  out.number(position.offset);
  out.number(now_ms_);
  out.number(static_cast<std::uint64_t>(models_.size()));
  for (const auto& [key, model] : models_) {
    for (const std::uint8_t byte : key.site.bytes) out.number(byte);
    out.text(key.placement);
    out.number(model.given_up);
    out.number(model.drawn);
    model.learner->write(out);
    out.number(static_cast<std::uint8_t>(model.is_frozen ? 1 : 0));
    if (model.is_frozen) model.served->write(out);
  }
  return out.bytes();
}

Result<journal::Position> BanditBook::read(std::string_view bytes) {
  learn::ByteReader in(bytes);
  const auto refuse = [] {
    return fail(ErrorCode::data_loss, "the bandits' state is cut off or out of range");
  };
  if (in.number<std::uint32_t>() != kBookVersion) return refuse();
  const journal::Position position{in.number<std::uint64_t>()};
  const auto now_ms = in.number<std::int64_t>();
  const auto count = in.number<std::uint64_t>();
  Models models;
  if (!in.ok() || count > options_.models_max) return refuse();
  for (std::uint64_t i = 0; i < count; ++i) {
    Key key;
    for (std::uint8_t& byte : key.site.bytes) byte = in.number<std::uint8_t>();
    key.placement = in.text();
    Model model;
    model.given_up = in.number<double>();
    model.drawn = in.number<std::uint64_t>();
    ATTUNE_ASSIGN(auto learner, learn::BanditLearner::read(in));
    const learn::BanditOptions& sizes = learner.bandit().options();
    if (sizes.context_size != learn::kBanditContextSize ||
        sizes.feature_size != learn::kBanditFeatureSize) {
      return refuse();
    }
    model.learner = std::make_unique<learn::BanditLearner>(std::move(learner));
    model.is_frozen = in.number<std::uint8_t>() != 0;
    if (model.is_frozen) {
      ATTUNE_ASSIGN(model.served, learn::read_bandit(in));
      const learn::BanditOptions& frozen = model.served->options();
      if (frozen.context_size != sizes.context_size || frozen.feature_size != sizes.feature_size) {
        return refuse();
      }
    } else {
      model.served = model.learner->bandit().clone();
    }
    if (!in.ok() || !models.emplace(std::move(key), std::move(model)).second) return refuse();
  }
  if (!in.at_end()) return refuse();
  const MutexLock lock(mutex_);
  models_ = std::move(models);
  now_ms_ = now_ms;
  const MutexLock served_lock(served_mutex_);
  served_.clear();
  for (const auto& [key, model] : models_) served_[key] = model.served;
  return position;
}

}  // namespace attune::decide
