// Recommendations, neighbours and rankings of Gorse's API.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "base/hash.h"
#include "collect/text.h"
#include "decide/decider.h"
#include "decide/depth.h"
#include "learn/strategy.h"
#include "serve/gorse_api.h"

namespace attune::serve::gorse {
namespace {

constexpr std::size_t kVisitorCharactersMax = 100;
constexpr std::size_t kUserItemsMax = 10'000;  // feedback that keeps items out of an answer
constexpr std::size_t kSessionItemsMax = 50;   // the newest ones of a session or a user count
constexpr std::int64_t kPopularDays = 90;
constexpr double kPopularHalfLife = 30;
constexpr std::int64_t kTrendingDays = 14;
constexpr double kTrendingHalfLife = 1;
constexpr std::string_view kPlacement = "gorse";
constexpr std::array<std::string_view, 2> kNeighbourStrategies{"item_to_item", learn::kSequential};
constexpr std::array<std::string_view, 1> kPersonStrategies{"collaborative"};

/// Best first, ties by id; only what `options` asks for of the list.
void cut_page(std::vector<Score>& scores, const ListOptions& options) {
  std::sort(scores.begin(), scores.end(), [](const Score& a, const Score& b) {
    return a.score != b.score ? a.score > b.score : a.id < b.id;
  });
  const std::size_t begin = std::min(options.skip, scores.size());
  scores.erase(scores.begin(), scores.begin() + static_cast<std::ptrdiff_t>(begin));
  if (scores.size() > options.count) scores.resize(options.count);
}

std::string ids_json(const std::vector<Score>& scores) {
  std::string out = "[";
  for (const Score& score : scores) {
    if (out.size() > 1) out.push_back(',');
    append_json_string(out, score.id);
  }
  return out + "]";
}

}  // namespace

Result<ListOptions> GorseApi::list_options(const Ask& ask, std::string_view category) const {
  const QueryParameters& query = ask.call.query;
  ListOptions options;
  ATTUNE_ASSIGN(const std::int64_t count, query.number("n", kCountDefault, 0, kCountMax));
  ATTUNE_ASSIGN(const std::int64_t skip, query.number("offset", 0, 0, kOffsetMax));
  // Gorse reads n=0 as "not given".
  options.count = static_cast<std::size_t>(count == 0 ? kCountDefault : count);
  options.skip = static_cast<std::size_t>(skip);
  if (!category.empty()) options.categories.emplace_back(category);
  for (const auto& [name, value] : query.all()) {
    if (name == "category" && !value.empty()) options.categories.push_back(value);
  }
  options.without_user = query.get_or("user-id", "");
  return options;
}

Response GorseApi::scores(const Ask& ask, const std::vector<Score>& list) const {
  Response response = Response::json(list_json(list));
  response.with("Last-Modified", http_date(ask.now_ms() * 1000));
  return response;
}

/// What the decider draws for the user, recorded as a decision of placement "gorse".
Result<Response> GorseApi::recommend(const Ask& ask) {
  if (api_.parts.decider == nullptr) {
    return fail(ErrorCode::unavailable, "recommendations are not available in this process");
  }
  const std::string_view user = ask.value(0);
  ATTUNE_ASSIGN(const ListOptions options, list_options(ask, ask.value(1)));
  decide::Request request;
  request.site = ask.site.id;
  request.visitor = std::string(collect::cut(user, kVisitorCharactersMax));
  request.placement = kPlacement;
  request.categories = options.categories;
  request.count = std::min(options.skip + options.count, decide::kDepthMax);
  ATTUNE_ASSIGN(request.excluded, get<decltype(request.excluded)>(ask, [&](Records& records) {
    return records.items_of_user(user, kUserItemsMax);
  }));
  ATTUNE_ASSIGN(const decide::Answer answer, api_.parts.decider->recommend(request));
  std::vector<Score> list;
  for (std::size_t i = options.skip; i < answer.items.size() && list.size() < options.count; ++i) {
    list.push_back({answer.items[i].item_id, answer.items[i].score});
  }
  ATTUNE_TRY(write_back(ask, answer, list));
  if (ask.call.request().header("x-api-version") == "2") return scores(ask, list);
  return Response::json(ids_json(list));
}

/// `write-back-type`: what is answered becomes feedback of that type, seen after the delay. As an
/// event it is what it is: the decision's items were shown.
Result<void> GorseApi::write_back(const Ask& ask, const decide::Answer& answer,
                                  const std::vector<Score>& list) {
  const std::string_view type = ask.call.query.get_or("write-back-type", "");
  if (type.empty()) return {};
  if (type.size() > kIdBytesMax || type.find('\x1f') != std::string_view::npos) {
    return fail(ErrorCode::invalid_argument, "write-back-type is longer than 255 bytes");
  }
  const std::string_view delay = ask.call.query.get_or("write-back-delay", "0");
  const auto delay_us = parse_duration(delay.empty() ? "0" : delay);
  if (!delay_us) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("write-back-delay is no duration such as 10m: {}", delay));
  }
  if (list.empty()) return {};
  std::vector<Feedback> feedback;
  std::vector<std::string> items;
  for (const Score& score : list) {
    Feedback row;
    row.type = type;
    row.user = ask.value(0);
    row.item = score.id;
    row.timestamp_us = ask.now_ms() * 1000 + *delay_us;
    row.updated_us = ask.now_ms() * 1000;
    feedback.push_back(std::move(row));
    items.push_back(score.id);
  }
  const Result<void> done = with_records(
      ask, [&](Records& records) { return records.put_feedback(feedback, false); });
  if (!done) return tl::unexpected<Error>(done.error());
  if (!answer.decision_id) return {};
  return writer_.write(ask.call, ask.site,
                       events_of_shown(ask.site, ask.value(0), *answer.decision_id, items));
}

/// What goes with some items: by the first of the strategies that has a model in production and
/// knows one of them; where none does, by the people that items share.
///
/// together  the items are asked about as what one person took, else each for itself.
Result<std::vector<Score>> GorseApi::related(const Ask& ask, Records& records,
                                             const std::vector<std::string>& items,
                                             const ListOptions& options,
                                             std::span<const std::string_view> strategies,
                                             bool together) {
  const auto snapshot =
      api_.parts.decider == nullptr ? nullptr : api_.parts.decider->snapshot(ask.site.id);
  std::unordered_map<std::uint32_t, double> sums;
  std::unordered_set<std::uint32_t> given;
  const std::size_t wanted = options.skip + options.count + kSessionItemsMax;
  for (const std::string_view strategy : strategies) {
    const decide::ServedModel* served =
        snapshot == nullptr ? nullptr : snapshot->find_model(strategy);
    if (served == nullptr || !sums.empty()) continue;
    std::vector<learn::ItemIndex> known;  // oldest first, as visits are
    for (auto item = items.rbegin(); item != items.rend(); ++item) {
      const std::uint32_t number = snapshot->find(stable_id(ask.site.id.text(), *item));
      if (number == learn::kNoItem) continue;
      given.insert(number);
      const learn::ItemIndex index = served->from_snapshot[number];
      if (index != learn::kNoItem) known.push_back(index);
    }
    learn::Scratch scratch;
    const std::size_t step = together ? std::max<std::size_t>(1, known.size()) : 1;
    for (std::size_t at = 0; at < known.size(); at += step) {
      const std::span<const learn::ItemIndex> visit(known.data() + at, step);
      for (const learn::ScoredItem& found : served->model->model->recommend(
               visit, {.count = wanted, .drop_current = true}, scratch)) {
        sums[served->to_snapshot[found.item]] += found.score;
      }
    }
  }
  std::unordered_set<std::string> without(items.begin(), items.end());
  if (!options.without_user.empty()) {
    ATTUNE_ASSIGN(const auto seen, records.items_of_user(options.without_user, kUserItemsMax));
    without.insert(seen.begin(), seen.end());
  }
  std::vector<Score> found;
  for (const auto& [number, score] : sums) {
    const decide::SnapshotItem& item = snapshot->item(number);
    const bool fits =
        std::all_of(options.categories.begin(), options.categories.end(),
                    [&](const std::string& each) { return item.product.is_in(each); });
    if (given.contains(number) || !item.recommendable || !fits || score <= 0) continue;
    if (!without.contains(item.product.id)) found.push_back({item.product.id, score});
  }
  if (found.empty()) return records.item_neighbours(items, options);
  cut_page(found, options);
  return found;
}

Result<Response> GorseApi::neighbours_of_item(const Ask& ask, std::string_view item,
                                              std::string_view category) {
  ATTUNE_ASSIGN(const ListOptions options, list_options(ask, category));
  std::vector<Score> list;
  ATTUNE_ASSIGN(list, get<decltype(list)>(ask, [&](Records& records) {
    return related(ask, records, {std::string(item)}, options, kNeighbourStrategies, false);
  }));
  return scores(ask, list);
}

Result<Response> GorseApi::item_neighbours(const Ask& ask) {
  return neighbours_of_item(ask, ask.value(0), ask.value(1));
}

Result<Response> GorseApi::item_to_item(const Ask& ask) {
  if (ask.value(0) != "neighbors") {
    return fail(ErrorCode::not_found, "item-to-item recommenders are: neighbors");
  }
  return neighbours_of_item(ask, ask.value(1), "");
}

Result<Response> GorseApi::neighbours_of_user(const Ask& ask, std::string_view user) {
  ATTUNE_ASSIGN(const ListOptions options, list_options(ask, ""));
  std::vector<Score> list;
  ATTUNE_ASSIGN(list, get<decltype(list)>(ask, [&](Records& records) {
    return records.user_neighbours(user, options);
  }));
  return scores(ask, list);
}

Result<Response> GorseApi::user_neighbours(const Ask& ask) {
  return neighbours_of_user(ask, ask.value(0));
}

Result<Response> GorseApi::user_to_user(const Ask& ask) {
  if (ask.value(0) != "neighbors") {
    return fail(ErrorCode::not_found, "user-to-user recommenders are: neighbors");
  }
  return neighbours_of_user(ask, ask.value(1));
}

Result<Response> GorseApi::collaborative(const Ask& ask) {
  ATTUNE_ASSIGN(ListOptions options, list_options(ask, ask.value(1)));
  std::vector<Score> list;
  const Result<void> done = with_records(ask, [&](Records& records) -> Result<void> {
    ATTUNE_ASSIGN(const std::vector<std::string> items,
                  records.items_of_user(ask.value(0), kSessionItemsMax));
    ATTUNE_ASSIGN(list, related(ask, records, items, options, kPersonStrategies, true));
    return {};
  });
  if (!done) return tl::unexpected<Error>(done.error());
  return scores(ask, list);
}

Result<Response> GorseApi::latest(const Ask& ask) {
  ATTUNE_ASSIGN(const ListOptions options, list_options(ask, ask.value(0)));
  std::vector<Score> list;
  ATTUNE_ASSIGN(list, get<decltype(list)>(ask, [&](Records& records) {
    return records.latest(options);
  }));
  return scores(ask, list);
}

Result<Response> GorseApi::ranking(const Ask& ask, std::string_view name,
                                   std::string_view category) {
  const bool is_trending = name == "trending";
  if (!is_trending && name != "popular") {
    return fail(ErrorCode::not_found, "non-personalized recommenders are: popular, trending");
  }
  ATTUNE_ASSIGN(const ListOptions options, list_options(ask, category));
  std::vector<Score> list;
  ATTUNE_ASSIGN(list, get<decltype(list)>(ask, [&](Records& records) {
    return is_trending ? records.popular(options, kTrendingDays, kTrendingHalfLife)
                       : records.popular(options, kPopularDays, kPopularHalfLife);
  }));
  return scores(ask, list);
}

Result<Response> GorseApi::popular(const Ask& ask) {
  return ranking(ask, "popular", ask.value(0));
}

Result<Response> GorseApi::non_personalized(const Ask& ask) {
  return ranking(ask, ask.value(0), ask.value(1));
}

/// The session's feedback is only looked at: nothing of it is stored.
Result<Response> GorseApi::session_recommend(const Ask& ask) {
  ATTUNE_ASSIGN(const std::vector<Feedback> feedback,
                read_feedback(ask.body(), ask.now_ms() * 1000));
  ATTUNE_ASSIGN(ListOptions options, list_options(ask, ask.value(0)));
  std::vector<Score> list;
  const Result<void> done = with_records(ask, [&](Records& records) -> Result<void> {
    ATTUNE_ASSIGN(const Rules rules, records.rules());
    std::vector<std::string> items;  // what the visitor liked, newest first
    for (auto row = feedback.rbegin(); row != feedback.rend(); ++row) {
      const bool is_new = std::find(items.begin(), items.end(), row->item) == items.end();
      if (rules.is_positive(row->type) && is_new && items.size() < kSessionItemsMax) {
        items.push_back(row->item);
      }
    }
    const ListOptions wanted{.count = options.skip + options.count + feedback.size(),
                             .categories = options.categories,
                             .without_user = options.without_user};
    ATTUNE_ASSIGN(list, related(ask, records, items, wanted, kNeighbourStrategies, false));
    return {};
  });
  if (!done) return tl::unexpected<Error>(done.error());
  std::unordered_set<std::string_view> session;
  for (const Feedback& row : feedback) session.insert(row.item);
  std::erase_if(list, [&](const Score& score) { return session.contains(score.id); });
  cut_page(list, options);
  return scores(ask, list);
}

}  // namespace attune::serve::gorse
