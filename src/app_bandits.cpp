// Bandits in the server: the book and its feed, what is told of them, and their rows in
// rl_model_metadata.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "app_parts.h"
#include "spdlog/spdlog.h"

namespace attune {
namespace {

namespace json = boost::json;

constexpr std::string_view kBanditCursor = "bandits";
constexpr std::int64_t kRecordEveryMs = 60'000;

double mean_of(const learn::BanditArmState& arm) {
  return arm.weight > 0 ? arm.reward / arm.weight : 0;
}

/// As rl_model_metadata names it. The source has no name for the baselines: they are the regression
/// of LinUCB without its bonus, and `policy` of the metrics says which.
std::string_view algorithm_of(learn::BanditKind kind) {
  using enum learn::BanditKind;
  switch (kind) {
    case thompson_beta:
    case thompson_linear:
    case thompson_logistic:
      return "THOMPSON_SAMPLING";
    default:
      return "LINUCB";
  }
}

json::object arm_json(const App::Parts& parts, const Uuid& site,
                      const learn::BanditArmState& arm) {
  json::object made{{"item_id", nullptr}, {"updates", arm.updates}, {"mean_reward", mean_of(arm)}};
  const auto snapshot = parts.decider->snapshot(site);
  const std::uint32_t number = snapshot ? snapshot->find(arm.key) : learn::kNoItem;
  if (number != learn::kNoItem) made["item_id"] = snapshot->item(number).product.id;
  return made;
}

json::object metrics_of(const decide::BanditStatus& status) {
  const learn::BanditLearnerCounters& count = status.counters;
  const double matured = static_cast<double>(count.clicks + count.misses);
  const double clicks = static_cast<double>(count.clicks + count.corrected);
  return {{"policy", to_string(status.kind)},
          {"ctr", matured > 0 ? clicks / matured : 0},
          {"avg_reward", status.mean_reward},
          {"total_interactions", status.updates},
          {"given_up", status.given_up},
          {"decisions", count.decisions},
          {"late_clicks", count.corrected},
          {"frozen", status.is_frozen}};
}

}  // namespace

void open_bandits(App::Parts& parts) {
  parts.bandits = std::make_unique<decide::BanditBook>();
  decide::BanditFeedOptions options;
  options.path = parts.paths.folder + "/bandits.attune";
  options.is_erased_event =
      [&parts](const event::EventView& event) { return parts.erased.load()->contains(event); };
  options.is_erased_decision = [&parts](const event::Decision& decision) {
    return parts.erased.load()->contains(decision);
  };
  options.saved = [&parts](journal::Position position) {
    const auto saved = parts.journal->cursors().save(std::string(kBanditCursor), position);
    if (!saved) spdlog::warn("bandits: their place in the journal: {}", saved.error().message());
  };
  options.report = [](const Error& error) { spdlog::warn("bandits: {}", error.message()); };
  parts.bandit_feed = std::make_unique<decide::BanditFeed>(
      *parts.journal, *parts.bandits, real_file_system(), parts.clock, std::move(options));
  if (const auto loaded = parts.bandit_feed->load(); !loaded) {
    spdlog::warn("{}", loaded.error().message());
  }
}

std::string bandits_json(const App::Parts& parts, const Uuid& site) {
  json::array bandits;
  for (const decide::BanditStatus& status : parts.bandits->status(site)) {
    const learn::BanditLearnerCounters& count = status.counters;
    json::array arms;
    for (const learn::BanditArmState& arm : status.arms) arms.push_back(arm_json(parts, site, arm));
    bandits.push_back(json::object{{"placement", status.placement},
                                   {"policy", to_string(status.kind)},
                                   {"frozen", status.is_frozen},
                                   {"updates", status.updates},
                                   {"mean_reward", status.mean_reward},
                                   {"given_up", status.given_up},
                                   {"remembered", status.remembered},
                                   {"decisions", count.decisions},
                                   {"clicks", count.clicks},
                                   {"misses", count.misses},
                                   {"late_clicks", count.corrected},
                                   {"late_clicks_lost", count.uncorrected},
                                   {"unseen", count.unseen},
                                   {"dropped", count.dropped},
                                   {"arms", std::move(arms)}});
  }
  return json::serialize(json::object{{"bandits", std::move(bandits)}});
}

Result<void> change_bandit(App::Parts& parts, const Uuid& site, std::string_view placement,
                           serve::BanditAction action) {
  return parts.bandit_feed->change([&] {
    if (action == serve::BanditAction::reset) return parts.bandits->reset(site, placement);
    return parts.bandits->freeze(site, placement, action == serve::BanditAction::freeze);
  });
}

void BanditRecords::run(std::int64_t now_ms) {
  if (now_ms - last_ms_ < kRecordEveryMs) return;
  last_ms_ = now_ms;
  for (const decide::BanditStatus& status : parts_.bandits->status(std::nullopt)) {
    const std::string_view algorithm = algorithm_of(status.kind);
    const auto key = std::pair(status.site, status.placement);
    const std::pair<std::uint64_t, bool> state{status.updates, status.is_frozen};
    if (written_[key] == state) continue;
    if (const auto done = write(status, algorithm, now_ms); !done) {
      spdlog::warn("bandits: their metrics could not be stored: {}", done.error().message());
      continue;
    }
    written_[key] = state;
  }
}

Result<void> BanditRecords::write(const decide::BanditStatus& status, std::string_view algorithm,
                                  std::int64_t now_ms) {
  ATTUNE_ASSIGN(const auto session, parts_.store->session());
  const store::Value parameters[] = {status.site.text(),
                                     fmt::format("bandit:{}", status.placement).substr(0, 100),
                                     std::string(algorithm),
                                     std::string("live"),
                                     true,
                                     store::Timestamp::from_ms(now_ms),
                                     store::Json{json::serialize(metrics_of(status))},
                                     parts_.paths.folder + "/bandits.attune",
                                     store::Null{},
                                     store::Timestamp::from_ms(now_ms)};
  ATTUNE_TRY(session->execute("serve/rl_model_upsert", parameters));
  return {};
}

}  // namespace attune
