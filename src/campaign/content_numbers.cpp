#include "campaign/content_numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include <boost/json.hpp>

#include "base/random.h"
#include "base/sha256.h"
#include "event/event.h"
#include "campaign/forecast/beta_fit.h"
#include "experiment/distributions.h"
#include "experiment/proportion.h"
#include "store/transaction.h"

namespace attune::campaign {
namespace {

namespace json = boost::json;
using store::Value;

constexpr std::size_t kDraws = 2000;
constexpr std::uint64_t kSeed = 20'260'301;

experiment::BetaLaw jeffreys(const Counts& counts) {
  return {static_cast<double>(counts.successes) + 0.5,
          static_cast<double>(counts.n - counts.successes) + 0.5};
}

double draw(experiment::BetaLaw law, Random& random) {
  return experiment::beta_quantile(std::clamp(random.uniform(), 1e-12, 1 - 1e-12), law);
}

json::object json_of(const Estimate& estimate) {
  return {{"mean", estimate.mean}, {"low", estimate.low}, {"high", estimate.high}};
}

Fields content_fields(const Table& table, const std::map<std::string_view, Value>& values) {
  Fields fields(table.columns.size());
  for (const auto& [name, value] : values) fields[*table.find(name)] = value;
  return fields;
}

std::string hash_of(std::string_view text) {
  Sha256 hash;
  hash.add(text);
  return hash.finish();
}

}  // namespace

Result<std::vector<ContentNumber>> read_content_numbers(store::Session& session, const Uuid& site,
                                                        const TimeRange& range) {
  const Value parameters[] = {site, store::Timestamp::from_ms(range.begin_ms),
                              store::Timestamp::from_ms(range.end_ms), site.text()};
  ATTUNE_ASSIGN(const store::Rows rows, session.query("content/numbers", parameters));
  std::vector<ContentNumber> numbers;
  for (const auto& row : rows.rows) {
    const auto text = [&row](std::size_t i) { return std::get<std::string>(row[i]); };
    const auto count = [&row](std::size_t i) { return std::get<std::int64_t>(row[i]); };
    numbers.push_back({.placement = text(0), .item_id = text(1), .group = text(2),
                       .segment = text(3), .decided = count(4), .shown = count(5),
                       .clicked = count(6), .converted = count(7)});
  }
  return numbers;
}

Estimate rate_of(const Counts& counts) {
  if (counts.n == 0) return {0, 0, 1};
  const double n = static_cast<double>(counts.n);
  const double x = static_cast<double>(counts.successes);
  const auto interval = experiment::wilson_interval({.count = n, .successes = x}, 0.05);
  if (!interval) return {x / n, 0, 1};
  return {x / n, interval->low, interval->high};
}

Estimate ratio_of(const Counts& part, const Counts& whole) {
  Random random(kSeed);
  std::vector<double> ratios;
  double sum = 0;
  for (std::size_t i = 0; i < kDraws; ++i) {
    const double above = draw(jeffreys(part), random);
    ratios.push_back(above / draw(jeffreys(whole), random));
    sum += ratios.back();
  }
  std::ranges::sort(ratios);
  return {sum / static_cast<double>(kDraws), ratios[kDraws / 40], ratios[kDraws - kDraws / 40 - 1]};
}

std::vector<double> chances_above_median(std::span<const Counts> templates) {
  std::vector<forecast::Trials> trials;
  for (const Counts& each : templates) {
    trials.push_back({static_cast<double>(each.n), static_cast<double>(each.successes)});
  }
  const experiment::BetaLaw prior = forecast::fit_beta(trials);
  Random random(kSeed);
  std::vector<double> chances(templates.size());
  std::vector<double> rates(templates.size());
  for (std::size_t i = 0; i < kDraws / 4; ++i) {
    for (std::size_t t = 0; t < trials.size(); ++t) {
      rates[t] = draw({prior.a + trials[t].successes,
                       prior.b + trials[t].n - trials[t].successes}, random);
    }
    std::vector<double> sorted = rates;
    std::ranges::sort(sorted);
    const std::size_t middle = sorted.size() / 2;
    const double median = sorted.size() % 2 == 1 ? sorted[middle]
                                                 : (sorted[middle - 1] + sorted[middle]) / 2;
    for (std::size_t t = 0; t < rates.size(); ++t) {
      chances[t] += rates[t] > median ? 1.0 : rates[t] == median ? 0.5 : 0.0;
    }
  }
  for (double& chance : chances) chance /= static_cast<double>(kDraws / 4);
  return chances;
}

namespace {

/// Those of one template with one kind of visitor, in one slot.
struct Cell {
  std::string placement;
  std::string segment;
  Counts clicks;
  std::int64_t conversions = 0;
};

struct Shown {
  Counts clicks;
  std::int64_t conversions = 0;
  std::map<std::string, Cell> cells;   // by context hash
};

std::map<Uuid, Shown> by_template(std::span<const ContentNumber> numbers) {
  std::map<Uuid, Shown> all;
  for (const ContentNumber& number : numbers) {
    if (!event::is_content_item(number.item_id) || number.shown == 0) continue;
    const auto id = Uuid::parse(number.item_id.substr(event::kContentItem.size()));
    if (!id) continue;
    Shown& shown = all[*id];
    shown.clicks.n += number.shown;
    shown.clicks.successes += number.clicked;
    shown.conversions += number.converted;
    Cell& cell = shown.cells[hash_of(number.placement + "|" + number.segment)];
    cell.placement = number.placement;
    cell.segment = number.segment;
    cell.clicks.n += number.shown;
    cell.clicks.successes += number.clicked;
    cell.conversions += number.converted;
  }
  return all;
}

class ContentWriter {
 public:
  ContentWriter(AccountStore& accounts, store::Session& session, AccountId account,
                std::int64_t now_ms)
      : accounts_(accounts), session_(session), account_(account), now_ms_(now_ms) {}

  Result<std::int64_t> write(const std::map<Uuid, Shown>& all) {
    std::vector<Counts> counts;
    for (const auto& [id, shown] : all) counts.push_back(shown.clicks);
    const std::vector<double> chances = chances_above_median(counts);
    std::int64_t written = 0;
    std::size_t at = 0;
    for (const auto& [id, shown] : all) {
      const double chance = chances[at++];
      const auto row = accounts_.find(session_, templates_, account_, id);
      if (!row && row.error().code() == ErrorCode::not_found) continue;   // deleted since
      ATTUNE_TRY(row);
      ATTUNE_TRY(write_template(id, shown, chance));
      for (const auto& [hash, cell] : shown.cells) {
        ATTUNE_TRY(write_cell(*row, id, hash, shown, cell));
        ++written;
      }
    }
    return written;
  }

 private:
  Result<void> write_template(const Uuid& id, const Shown& shown, double chance) {
    const double n = static_cast<double>(shown.clicks.n);
    const Fields fields = content_fields(
        templates_, {{"usage_count", shown.clicks.n},
                     {"success_rate", static_cast<double>(shown.conversions) / n},
                     {"performance_score", chance}});
    ATTUNE_TRY(accounts_.update(session_, templates_, account_, id, fields));
    return {};
  }

  Result<void> write_cell(const Row& row, const Uuid& id, const std::string& hash,
                          const Shown& shown, const Cell& cell) {
    const Estimate rate = rate_of(cell.clicks);
    const Estimate ratio = ratio_of(cell.clicks, shown.clicks);
    const std::string metadata = json::serialize(
        json::object{{"click_rate", json_of(rate)}, {"vs_template", json_of(ratio)}});
    const Value parameters[] = {static_cast<std::int64_t>(account_), id, hash, cell.clicks.n,
                                cell.clicks.successes, cell.conversions, rate.mean, ratio.mean,
                                store::Json{metadata}, store::Timestamp::from_ms(now_ms_)};
    ATTUNE_ASSIGN(const bool there, update(parameters));
    if (there) return {};
    const auto column = [&](std::string_view name) { return row[2 + *templates_.find(name)]; };
    const std::string context = json::serialize(
        json::object{{"slot", cell.placement.substr(5)}, {"segment", cell.segment}});
    const Fields fields = content_fields(
        contents_, {{"template_id", id}, {"content_type", column("template_type")},
                    {"context_hash", hash}, {"personalized_prompt", column("base_prompt")},
                    {"personalization_context", store::Json{context}},
                    {"content_metadata", store::Json{metadata}},
                    {"impressions", cell.clicks.n}, {"clicks", cell.clicks.successes},
                    {"conversions", cell.conversions}, {"engagement_score", rate.mean},
                    {"performance_vs_template", ratio.mean},
                    {"model_used", std::string("template")}});
    ATTUNE_TRY(accounts_.create(session_, contents_, account_, fields));
    return {};
  }

  /// Whether the row was there.
  Result<bool> update(std::span<const Value> parameters) {
    ATTUNE_ASSIGN(const std::int64_t changed,
                  store::in_transaction_as(session_, tenant_of(account_), [&] {
                    return session_.execute("content/numbers_update", parameters);
                  }));
    return changed > 0;
  }

  AccountStore& accounts_;
  store::Session& session_;
  const AccountId account_;
  const std::int64_t now_ms_;
  const Table& templates_ = *find_table("content_templates");
  const Table& contents_ = *find_table("personalized_content");
};

}  // namespace

Result<std::int64_t> store_content_numbers(AccountStore& accounts, store::Session& session,
                                           AccountId account,
                                           std::span<const ContentNumber> numbers,
                                           std::int64_t now_ms) {
  const auto all = by_template(numbers);
  if (all.empty()) return std::int64_t{0};
  return ContentWriter(accounts, session, account, now_ms).write(all);
}

}  // namespace attune::campaign
