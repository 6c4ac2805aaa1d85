#include "experiment/refresh.h"
#include "store/transaction.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "experiment/distributions.h"
#include "experiment/moments.h"

namespace attune::experiment {
namespace {

using store::Null;
using store::Timestamp;
using store::Value;

constexpr char kSeparator = '\x1f';
constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kDayUs = kDaySeconds * 1'000'000;
constexpr std::int64_t kPartsMax = 1'000;

/// People whose unit_id is in [first, last].
struct UnitRange {
  std::int64_t first;
  std::int64_t last;
};

/// So many ranges of equal width that one has about `at_once` of the people: a unit_id is a hash.
std::vector<UnitRange> ranges_of(std::int64_t people, std::int64_t at_once) {
  const std::int64_t parts = std::clamp<std::int64_t>(people / at_once, 1, kPartsMax);
  const auto width = std::numeric_limits<std::uint64_t>::max() / static_cast<std::uint64_t>(parts);
  std::vector<UnitRange> ranges;
  auto first = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::min());
  for (std::int64_t part = 0; part < parts; ++part, first += width) {
    ranges.push_back({static_cast<std::int64_t>(first),
                      static_cast<std::int64_t>(first + width - 1)});
  }
  ranges.back().last = std::numeric_limits<std::int64_t>::max();
  return ranges;
}

std::string joined(const std::set<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) {
    if (!all.empty()) all += kSeparator;
    all += text;
  }
  return all;
}

store::Json rules_json(const std::vector<Metric>& metrics) {
  return store::Json{boost::json::serialize(rules_of(metrics))};
}

/// One refresh on its way.
class Refresh {
 public:
  Refresh(store::Session& session, const Test& test, const Design& design,
          const RefreshOptions& options)
      : session_(session),
        options_(options),
        test_(test),
        by_user_(test.hash_attribute == "user_id"),
        before_days_(design.cuped_days),
        rules_(rules_json(design.metrics)) {
    std::vector<Metric> summed;
    for (const Metric& metric : design.metrics) {
      (metric.adds_up() ? summed : made_anew_).push_back(metric);
      events_.insert(metric.counted.event);
      if (metric.denominator) events_.insert(metric.denominator->event);
    }
    summed_rules_ = rules_json(summed);
    for (const Arm& arm : test.arms) variations_.insert(arm.id);
  }

  Result<Refreshed> run(std::int64_t now_ms) {
    if (session_.engine() == store::Engine::postgres) {
      ATTUNE_TRY(session_.execute("experiment/refresh.joins"));
    }
    ATTUNE_TRY(read_state());
    ATTUNE_TRY(session_.execute("experiment/refresh.scope",
                                std::array{site(), id(), Value{test_.key}, Value{from_},
                                           Value{until_}, Value{by_user_},
                                           Value{joined(events_)}}));
    ATTUNE_ASSIGN(const store::Rows extent, read_extent());
    done_.units = std::get<std::int64_t>(extent.rows[0][0]);
    if (done_.units > 0) ATTUNE_TRY(count(extent.rows[0][1]));
    done_.position = until_;
    ATTUNE_TRY(session_.execute(
        "experiment/refresh.save",
        std::array{site(), id(), Value{until_}, Value{generation_},
                   Value{Timestamp::from_ms(now_ms)}, Value{test_.key}, started()}));
    return done_;
  }

 private:
  Value site() const { return Value{test_.site}; }
  Value id() const { return Value{test_.id}; }
  Value started() const { return Value{Timestamp::from_ms(test_.started_ms.value_or(0))}; }

  /// The same at every refresh, so that a person is a bot or is none whenever it is asked.
  Value bots_since() const {
    const std::int64_t days = std::max<std::int64_t>(before_days_, 1);
    return Value{Timestamp::from_ms(test_.started_ms.value_or(0) - days * kDaySeconds * 1000)};
  }

  Result<void> go_on() const {
    if (!options_.stop.stop_requested()) return {};
    return fail(ErrorCode::unavailable, "stopped before its end");
  }

  Result<void> read_state() {
    ATTUNE_ASSIGN(const store::Rows state,
                  session_.query("experiment/refresh.state", std::array{site(), id()}));
    until_ = std::get<std::int64_t>(state.rows[0][0]);
    generation_ = std::get<std::int64_t>(state.rows[0][2]);
    const auto* position = std::get_if<std::int64_t>(&state.rows[0][1]);
    // Behind what was counted: the tables are being made anew.
    done_.from_scratch = position == nullptr || *position > until_;
    if (done_.from_scratch) {
      ATTUNE_TRY(session_.execute("experiment/refresh.clear", std::array{site(), id()}));
    } else {
      from_ = *position;
    }
    return {};
  }

  /// How many people are in the scope, and when the first of the fresh ones came.
  Result<store::Rows> read_extent() {
    ATTUNE_ASSIGN(store::Rows extent,
                  session_.query("experiment/refresh.extent", std::array{site(), id()}));
    ranges_ = ranges_of(std::get<std::int64_t>(extent.rows[0][0]), options_.people_at_once);
    return extent;
  }

  Result<void> count(const Value& first_fresh) {
    ATTUNE_TRY(contribute({.sign = -1, .rules = summed_rules_}));
    const auto* first = std::get_if<Timestamp>(&first_fresh);
    if (first != nullptr) {
      const Value since{Timestamp{first->us - before_days_ * kDayUs}};
      ATTUNE_TRY(note_units());
      ATTUNE_TRY(add_metrics(true, 0, since));
    }
    if (!done_.from_scratch) ATTUNE_TRY(add_metrics(false, from_, Value{Timestamp{0}}));
    ATTUNE_TRY(contribute({.sign = 1, .rules = summed_rules_}));
    ATTUNE_TRY(make_anew());
    ++generation_;
    ATTUNE_TRY(go_on());
    ATTUNE_TRY(session_.execute("experiment/refresh.fold",
                                std::array{site(), id(), Value{generation_}}));
    return {};
  }

  /// Writes who of the fresh people counts.
  Result<void> note_units() {
    Value ended{Null{}};
    if (test_.ended_ms) ended = Timestamp::from_ms(*test_.ended_ms);
    for (const UnitRange& range : ranges_) {
      ATTUNE_TRY(go_on());
      ATTUNE_TRY(session_.execute(
          "experiment/refresh.units",
          std::array{site(), id(), Value{range.first}, Value{range.last},
                     Value{joined(variations_)}, started(), ended, bots_since(), Value{by_user_}}));
    }
    return {};
  }

  struct Share {
    double sign = 1;
    store::Json rules;
    bool with_units = true;
  };

  Result<void> contribute(const Share& share) {
    for (const UnitRange& range : ranges_) {
      ATTUNE_TRY(go_on());
      ATTUNE_TRY(session_.execute(
          "experiment/refresh.contribute",
          std::array{site(), id(), Value{generation_}, Value{share.sign}, Value{share.rules},
                     Value{share.with_units}, Value{range.first}, Value{range.last}}));
    }
    return {};
  }

  /// What does not add up: quantiles, and the sums that are cut at one, of everybody.
  Result<void> make_anew() {
    if (made_anew_.empty()) return {};
    const double z = normal_quantile(1 - kQuantileAlpha / 2);
    ATTUNE_TRY(session_.execute("experiment/refresh.quantiles_clear", std::array{site(), id()}));
    std::vector<Metric> cut;
    for (const Metric& metric : made_anew_) {
      ATTUNE_TRY(go_on());
      const bool is_cap = metric.kind != MetricKind::quantile;
      const double quantile = is_cap ? metric.winsor_quantile : metric.quantile;
      ATTUNE_TRY(session_.execute(
          "experiment/refresh.quantile",
          std::array{site(), id(), Value{metric.name}, Value{quantile}, Value{metric.per_event},
                     Value{metric.ignore_zeros}, Value{!is_cap}, Value{z}}));
      if (is_cap) cut.push_back(metric);
    }
    if (cut.empty()) return {};
    ATTUNE_ASSIGN(const store::Rows found,
                  session_.query("experiment/quantiles", std::array{site(), id()}));
    std::set<std::string> names;
    for (Metric& metric : cut) {
      names.insert(metric.name);
      for (const auto& row : found.rows) {
        if (std::get<std::string>(row[0]) == metric.name) metric.cap = std::get<double>(row[4]);
      }
    }
    ATTUNE_TRY(session_.execute("experiment/refresh.everybody",
                                std::array{site(), id(), Value{joined(names)}}));
    ATTUNE_TRY(read_extent());
    return contribute({.sign = 1, .rules = rules_json(cut), .with_units = false});
  }

  Result<void> add_metrics(bool fresh, std::int64_t from, const Value& since) {
    for (const UnitRange& range : ranges_) {
      ATTUNE_TRY(go_on());
      ATTUNE_TRY(session_.execute(
          "experiment/refresh.metrics",
          std::array{site(), id(), Value{fresh}, Value{from}, Value{until_}, since,
                     Value{before_days_ * kDaySeconds}, Value{by_user_}, Value{rules_},
                     Value{range.first}, Value{range.last}}));
    }
    return {};
  }

  store::Session& session_;
  const RefreshOptions& options_;
  const Test& test_;
  const bool by_user_;
  const std::int64_t before_days_;
  const store::Json rules_;
  store::Json summed_rules_;
  std::vector<Metric> made_anew_;
  std::set<std::string> events_;
  std::set<std::string> variations_;
  std::vector<UnitRange> ranges_;   // of the people in the scope
  std::int64_t from_ = 0;
  std::int64_t until_ = 0;
  std::int64_t generation_ = 0;
  Refreshed done_;
};

}  // namespace

Result<Refreshed> refresh(store::Session& session, const Test& test, std::int64_t now_ms,
                          const RefreshOptions& options) {
  ATTUNE_ASSIGN(const Design design, read_design(test));
  auto done = store::in_transaction(
      session, [&] { return Refresh(session, test, design, options).run(now_ms); });
  if (!done) return pass(done, "refreshing the sums of a test");
  return done;
}

Result<void> forget_sums(store::Session& session, const Test& test) {
  const std::array parameters{Value{test.site}, Value{test.id}};
  ATTUNE_TRY(session.execute("experiment/refresh.clear", parameters));
  return {};
}

}  // namespace attune::experiment
