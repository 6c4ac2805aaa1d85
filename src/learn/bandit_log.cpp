// Logs of choices among numbered actions, and policies over them, from CSV.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>

#include "learn/csv_table.h"
#include "learn/off_policy.h"

namespace attune::learn {
namespace {

constexpr std::size_t kRowsMax = 50'000'000;
constexpr std::uint32_t kActionsMax = 10'000'000;
constexpr std::uint32_t kPositionsMax = 1000;
constexpr double kPrior = 10;   // choices at the mean reward of all, before an action's own count

Result<std::uint32_t> position_of(const CsvTable& table, const std::optional<std::size_t>& column) {
  if (!column) return 0U;
  ATTUNE_ASSIGN(const auto position, table.number<std::uint32_t>(*column));
  if (position < 1 || position > kPositionsMax) {
    return table.wrong(fmt::format("position must be 1 to {}", kPositionsMax));
  }
  return position - 1;
}

/// Sum and count of rewards, which a row can be taken out of.
struct Mean {
  double sum = 0;
  double count = 0;
};

}  // namespace

Result<BanditLog> read_bandit_log(const std::string& path) {
  ATTUNE_ASSIGN(CsvTable table, CsvTable::open(path));
  ATTUNE_ASSIGN(const std::size_t item, table.column({"item_id", "action"}));
  ATTUNE_ASSIGN(const std::size_t reward, table.column({"click", "reward"}));
  ATTUNE_ASSIGN(const std::size_t propensity, table.column({"propensity_score", "propensity"}));
  const auto position = table.optional_column({"position"});
  BanditLog log;
  while (table.next()) {
    if (log.rows.size() == kRowsMax) {
      return fail(ErrorCode::resource_exhausted,
                  fmt::format("{} holds more than {} rows", path, kRowsMax));
    }
    BanditRow row;
    ATTUNE_ASSIGN(row.action, table.number<std::uint32_t>(item));
    ATTUNE_ASSIGN(row.reward, table.number<double>(reward));
    ATTUNE_ASSIGN(row.propensity, table.number<double>(propensity));
    ATTUNE_ASSIGN(row.position, position_of(table, position));
    if (row.action >= kActionsMax) return table.wrong("item_id is too large");
    if (!(row.propensity > 0 && row.propensity <= 1)) {
      return table.wrong("a propensity is above 0 and at most 1");
    }
    log.actions = std::max(log.actions, row.action + 1);
    log.positions = std::max(log.positions, row.position + 1);
    log.rows.push_back(row);
  }
  if (log.rows.empty()) {
    return fail(ErrorCode::invalid_argument, fmt::format("{} has no rows", path));
  }
  return log;
}

Result<BanditPolicy> read_bandit_policy(const std::string& name, const BanditLog& log) {
  if (name == "uniform") {
    return BanditPolicy(
        [share = 1.0 / log.actions](std::uint32_t, std::uint32_t) { return share; });
  }
  ATTUNE_ASSIGN(CsvTable table, CsvTable::open(name));
  ATTUNE_ASSIGN(const std::size_t item, table.column({"item_id", "action"}));
  ATTUNE_ASSIGN(const std::size_t share, table.column({"probability"}));
  const auto position = table.optional_column({"position"});
  auto shares = std::make_shared<std::map<std::pair<std::uint32_t, std::uint32_t>, double>>();
  std::vector<double> sums(position ? log.positions : 1);
  while (table.next()) {
    ATTUNE_ASSIGN(const auto action, table.number<std::uint32_t>(item));
    ATTUNE_ASSIGN(const double probability, table.number<double>(share));
    ATTUNE_ASSIGN(const std::uint32_t slot, position_of(table, position));
    if (!(probability >= 0 && probability <= 1)) return table.wrong("a probability is 0 to 1");
    if (slot >= sums.size()) continue;   // the log has no such slot
    if (!shares->emplace(std::pair(action, slot), probability).second) {
      return table.wrong("the action was given before");
    }
    sums[slot] += probability;
  }
  for (std::size_t slot = 0; slot < sums.size(); ++slot) {
    if (std::abs(sums[slot] - 1) <= 1e-6) continue;
    return fail(ErrorCode::invalid_argument,
                fmt::format("{}: the probabilities of position {} sum to {}, not to 1", name,
                            slot + 1, sums[slot]));
  }
  const bool same_everywhere = !position;
  return BanditPolicy([shares, same_everywhere](std::uint32_t action, std::uint32_t slot) {
    const auto found = shares->find({action, same_everywhere ? 0 : slot});
    return found == shares->end() ? 0.0 : found->second;
  });
}

std::vector<LoggedChoice> seen_from(const BanditLog& log, const BanditPolicy& policy,
                                    std::uint32_t folds) {
  // Row i is in fold i mod folds; what a fold predicts with is the whole without the fold.
  std::vector<std::vector<Mean>> of_fold(folds, std::vector<Mean>(log.actions));
  std::vector<Mean> whole(log.actions);
  std::vector<Mean> all_of_fold(folds);
  Mean all;
  for (std::size_t i = 0; i < log.rows.size(); ++i) {
    const BanditRow& row = log.rows[i];
    for (Mean* mean : {&of_fold[i % folds][row.action], &whole[row.action],
                       &all_of_fold[i % folds], &all}) {
      mean->sum += row.reward;
      mean->count += 1;
    }
  }
  const auto predicted = [&](std::size_t fold, std::uint32_t action) {
    const double rest = all.count - all_of_fold[fold].count;
    const double base = rest > 0 ? (all.sum - all_of_fold[fold].sum) / rest : 0;
    const Mean& mine = of_fold[fold][action];
    return (whole[action].sum - mine.sum + kPrior * base) /
           (whole[action].count - mine.count + kPrior);
  };
  // What the policy earns by the model depends on fold and position only.
  std::vector<std::vector<double>> values(folds, std::vector<double>(log.positions));
  for (std::uint32_t fold = 0; fold < folds; ++fold) {
    for (std::uint32_t slot = 0; slot < log.positions; ++slot) {
      for (std::uint32_t action = 0; action < log.actions; ++action) {
        values[fold][slot] += policy(action, slot) * predicted(fold, action);
      }
    }
  }
  std::vector<LoggedChoice> choices;
  choices.reserve(log.rows.size());
  for (std::size_t i = 0; i < log.rows.size(); ++i) {
    const BanditRow& row = log.rows[i];
    choices.push_back({.reward = row.reward,
                       .propensity = row.propensity,
                       .target = policy(row.action, row.position),
                       .model_logged = predicted(i % folds, row.action),
                       .model_target = values[i % folds][row.position]});
  }
  return choices;
}

Result<OffPolicyReport> evaluate_bandit(const BanditEvaluation& what) {
  ATTUNE_ASSIGN(const BanditLog log, read_bandit_log(what.log_path));
  ATTUNE_ASSIGN(const BanditPolicy policy, read_bandit_policy(what.policy, log));
  return evaluate_off_policy(seen_from(log, policy), what.options);
}

}  // namespace attune::learn
