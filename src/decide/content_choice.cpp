#include "decide/content_choice.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ensure.h"
#include "base/hash.h"
#include "base/json_writer.h"
#include "base/random.h"
#include "decide/bandit_book.h"
#include "learn/bandit_features.h"

namespace attune::decide {
namespace {

learn::BanditVisitor bandit_visitor(const Decider::VisitorView& view, std::int64_t now_us) {
  learn::BanditVisitor made;
  if (!view.snapshot) return made;
  const auto add = [&](std::span<const ItemKey> keys, std::vector<learn::BanditItem>& out) {
    for (const ItemKey key : keys) {
      const std::uint32_t number = view.snapshot->find(key);
      if (number == learn::kNoItem) continue;
      const SnapshotItem& item = view.snapshot->item(number);
      out.push_back({item.category, item.brand, item.product.price.value_or(0)});
    }
  };
  add(view.trail.recent(), made.visit);
  add(view.trail.before(), made.history);
  const learn::PersonFacts* person = view.snapshot->facts(view.trail.user);
  if (person == nullptr) person = view.snapshot->facts(view.trail.visitor);
  if (person != nullptr) {
    const auto numbers = learn::profile_vector(person->facts, person->orders, now_us);
    made.profile.assign(numbers.begin(), numbers.end());
  }
  return made;
}

/// A template has no price or category: 1, and a sign for each of 13 bits of its id's hash, so that
/// templates differ in every linear policy, whatever others come and go.
std::vector<float> features_of(std::string_view item_id) {
  const std::uint64_t bits = hash64(item_id);
  std::vector<float> made = {1.0F};
  for (std::uint32_t i = 1; i < learn::kBanditFeatureSize; ++i) {
    made.push_back(((bits >> (4 * i)) & 1U) != 0 ? 1.0F : -1.0F);
  }
  return made;
}

std::string factors_of(const ContentRequest& request, const BanditTrace& trace,
                       const ContentChoice& choice) {
  std::string json;
  JsonWriter out(json);
  out.begin_object();
  out.key("group");
  out.text(choice.is_holdout ? "holdout" : "bandit");
  out.key("segment");
  out.text(choice.segment);
  out.key("floor");
  out.number(request.floor);
  out.key("holdout_share");
  out.number(request.holdout_share);
  out.key("bandit");
  write_trace(trace, out);
  out.end_object();
  return json;
}

}  // namespace

std::string_view segment_of(const Decider::VisitorView& view) {
  if (view.trail.bought_count > 0) return "buyer";
  if (view.snapshot) {
    for (const std::int64_t user : {view.trail.user, view.trail.visitor}) {
      const learn::PersonFacts* person = view.snapshot->facts(user);
      if (person != nullptr && person->orders.count > 0) return "buyer";
    }
    if (!view.snapshot->history(view.trail.user).empty() ||
        !view.snapshot->history(view.trail.visitor).empty()) {
      return "returning";
    }
  }
  return view.trail.history_count > 0 ? "returning" : "new";
}

bool is_held_out(const ContentRequest& request) {
  const std::string& person = request.visitor.empty() ? request.session : request.visitor;
  const std::uint64_t bits =
      hash64(fmt::format("{}|{}|{}", request.site.text(), request.slot, person));
  return static_cast<double>(bits >> 11U) * 0x1p-53 < request.holdout_share;
}

ContentChoice ContentChooser::choose(const ContentRequest& request,
                                     const Decider::VisitorView& visitor,
                                     std::uint64_t seed) const {
  const std::size_t count = request.templates.size();
  ensure(count > 0, "there is something to choose from");
  ContentChoice choice;
  choice.segment = segment_of(visitor);
  choice.is_holdout = is_held_out(request);
  const std::string placement = std::string(kSlotPlacement) + request.slot;
  const auto bandit = book_.serving(request.site, placement, request.policy);
  BanditTrace trace{.placement = placement, .kind = request.policy};
  trace.updates = bandit->updates();
  trace.context = learn::bandit_context(bandit_visitor(visitor, clock_.now_ms() * 1000));
  std::vector<std::vector<float>> features;
  std::vector<learn::BanditArm> arms;
  const std::string site = request.site.text();
  for (const std::string& id : request.templates) features.push_back(features_of(id));
  for (std::size_t i = 0; i < count; ++i) {
    arms.push_back({stable_id(site, request.templates[i]), features[i]});
  }
  learn::BanditScores scores;
  const auto done = bandit->score(trace.context, arms, seed, scores);
  ensure(done.has_value(), "features are of the size and range that policies take");
  scores.floor = choice.is_holdout ? 1.0 : std::max(scores.floor, request.floor);
  std::vector<std::size_t> left(count);
  for (std::size_t i = 0; i < count; ++i) left[i] = i;
  learn::bandit_probabilities(scores, left, choice.probabilities);
  Random random(hash64(fmt::format("content|{}", seed)));
  double rest = random.uniform();
  while (choice.chosen + 1 < count && rest >= choice.probabilities[choice.chosen]) {
    rest -= choice.probabilities[choice.chosen++];
  }
  trace.features.push_back(features[choice.chosen]);
  trace.blend.push_back(1.0 / static_cast<double>(count));
  trace.given_up = *std::ranges::max_element(scores.means) - scores.means[choice.chosen];
  if (!request.preview && sink_ != nullptr) {
    record(request, factors_of(request, trace, choice), seed, choice);
  }
  return choice;
}

void ContentChooser::record(const ContentRequest& request, const std::string& factors,
                            std::uint64_t seed, ContentChoice& choice) const {
  event::Decision decision;
  decision.decision_id = Uuid::random();
  decision.site = request.site;
  decision.decided_ms = clock_.now_ms();
  decision.session_id = request.session;
  decision.visitor_id = request.visitor;
  decision.type = "content";
  decision.placement = std::string(kSlotPlacement) + request.slot;
  decision.context_json = request.context_json;
  decision.model_version = to_string(request.policy);
  decision.factors_json = factors;
  decision.eligible_count = static_cast<std::uint32_t>(request.templates.size());
  for (const std::string& id : request.templates) decision.eligible_hash += hash64(id);
  decision.seed = seed;
  event::DecidedItem item;
  item.item_id = request.templates[choice.chosen];
  item.rank = 1;
  item.propensity = choice.probabilities[choice.chosen];
  item.strategy = choice.is_holdout ? "uniform" : "bandit";
  decision.items.push_back(std::move(item));
  // The visitor gets the content all the same when the journal takes no writes.
  if (sink_->record(decision)) choice.decision_id = decision.decision_id;
}

}  // namespace attune::decide
