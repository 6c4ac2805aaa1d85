// What became of each recommendation, by looking at every pair of row and event: docs/etl.md,
// section 10.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <tuple>

#include "base/hash.h"
#include "etl/reference_parts.h"

namespace attune::etl::reference {
namespace {

/// One item of a decision, and its row.
struct Shown {
  std::uint64_t position = 0;   // of the decision
  const event::Decision* decision = nullptr;
  std::string item;
  Uuid id;
  TextRow* row = nullptr;
};

struct Click {
  Shown on;
  std::int64_t ms = 0;
  std::uint64_t position = 0;

  /// Of two that a purchase could be credited to, the greater takes it.
  bool operator<(const Click& other) const {
    return std::tie(ms, position, other.on.id) < std::tie(other.ms, other.position, on.id);
  }
};

TextRow recommendation(std::uint64_t position, const event::Decision& decision,
                       const event::DecidedItem& item, const Uuid& id,
                       const Settings& settings) {
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
          {"matured_at", text(decision.decided_ms + settings.click_window_ms)}};
}

/// Shown and clicked, as the events say. Returns the clicks.
std::vector<Click> apply_outcomes(const Shown& shown, const std::vector<Fact>& facts,
                                  const Settings& settings) {
  std::vector<Click> clicks;
  std::optional<std::int64_t> first_shown;
  std::optional<std::int64_t> first_click;
  std::optional<std::int64_t> last_click;
  for (const Fact& fact : facts) {
    const Event& event = fact.event;
    const bool is_click =
        event.kind == Kind::recommendation_click || event.kind == Kind::product_click;
    if (!is_click && event.kind != Kind::recommendation_shown) continue;
    if (event.decision_id != shown.decision->decision_id || event.site != shown.decision->site ||
        fact.position < shown.position ||
        event.timestamp_ms > shown.decision->decided_ms + settings.click_window_ms) {
      continue;
    }
    for (const event::Item& item : event.items) {
      if (item.id != shown.item) continue;
      first_shown = std::min(first_shown.value_or(event.timestamp_ms), event.timestamp_ms);
      if (!is_click) continue;
      first_click = std::min(first_click.value_or(event.timestamp_ms), event.timestamp_ms);
      last_click = std::max(last_click.value_or(event.timestamp_ms), event.timestamp_ms);
      clicks.push_back({shown, event.timestamp_ms, fact.position});
    }
  }
  TextRow& row = *shown.row;
  if (first_shown) {
    row["shown"] = "true";
    row["shown_at"] = text(*first_shown);
  }
  if (first_click) {
    row["clicked"] = "true";
    row["clicked_at"] = text(*first_click);
    row["matured_at"] = text(*last_click + settings.conversion_window_ms);
  }
  return clicks;
}

/// The click that a bought item is credited to; null: none.
const Click* credited(const std::vector<Click>& clicks, const Event& purchase,
                      const event::Item& item, const Settings& settings) {
  const Click* best = nullptr;
  for (const Click& click : clicks) {
    const event::Decision& decision = *click.on.decision;
    if (decision.site != purchase.site || click.on.item != item.id ||
        decision.visitor_id.empty() || decision.visitor_id != purchase.visitor_id ||
        click.ms > purchase.timestamp_ms ||
        purchase.timestamp_ms > click.ms + settings.conversion_window_ms) {
      continue;
    }
    if (best == nullptr || *best < click) best = &click;
  }
  return best;
}

double amount_of(const Event& purchase, const event::Item& item) {
  if (item.price >= 0) return item.price * item.quantity;
  return purchase.items.size() == 1 ? purchase.revenue : 0;
}

}  // namespace

void write_recommendations(TextTables& tables,
                           const std::vector<std::pair<std::uint64_t, event::Decision>>& decisions,
                           const std::deque<Visit>& visits, const Settings& settings) {
  std::vector<Fact> facts;
  for (const Visit& visit : visits) {
    if (visit.stream == 0) facts.insert(facts.end(), visit.facts.begin(), visit.facts.end());
  }
  std::vector<Click> clicks;
  for (const auto& [position, decision] : decisions) {
    for (const event::DecidedItem& item : decision.items) {
      const std::string rank = text(std::uint64_t{item.rank});
      const Uuid id = Uuid::from_name(decision.decision_id, rank);
      TextRow& row = tables["recommendations"][text(position) + "/" + rank];
      row = recommendation(position, decision, item, id, settings);
      const std::vector<Click> its =
          apply_outcomes({position, &decision, item.item_id, id, &row}, facts, settings);
      clicks.insert(clicks.end(), its.begin(), its.end());
    }
  }
  struct Credit {
    std::int64_t first_ms = 0;
    double sum = 0;
  };
  std::map<TextRow*, Credit> credits;
  for (const Fact& fact : facts) {
    if (fact.event.kind != Kind::purchase) continue;
    for (const event::Item& item : fact.event.items) {
      const Click* click = credited(clicks, fact.event, item, settings);
      if (click == nullptr) continue;
      const Credit none{.first_ms = fact.event.timestamp_ms, .sum = 0};
      Credit& credit = credits.try_emplace(click->on.row, none).first->second;
      credit.first_ms = std::min(credit.first_ms, fact.event.timestamp_ms);
      credit.sum += std::round(amount_of(fact.event, item) * 10'000) / 10'000;
    }
  }
  for (const auto& [row, credit] : credits) {
    (*row)["converted"] = "true";
    (*row)["converted_at"] = text(credit.first_ms);
    (*row)["revenue"] = decimal(credit.sum, 4);
  }
}

}  // namespace attune::etl::reference
