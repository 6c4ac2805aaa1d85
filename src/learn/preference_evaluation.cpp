#include "learn/preference_evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <unordered_map>

#include "base/json_writer.h"
#include "base/random.h"
#include "learn/csv_table.h"

namespace attune::learn {
namespace {

constexpr std::size_t kCutoffNdcg = 100;
constexpr std::size_t kCutoffs[] = {20, 50};
constexpr std::size_t kPairsMax = 200'000'000;

template <class T>
void shuffle(std::vector<T>& all, Random& random) {
  for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[random.below(i)]);
}

/// The best items that are not in the history, best first.
std::vector<ItemIndex> ranked(std::vector<float>& scores, const std::vector<ItemIndex>& history) {
  for (const ItemIndex item : history) scores[item] = -std::numeric_limits<float>::infinity();
  std::vector<ItemIndex> order(scores.size());
  std::iota(order.begin(), order.end(), 0U);
  const std::size_t kept = std::min(kCutoffNdcg, order.size() - history.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                    [&](ItemIndex a, ItemIndex b) {
                      return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
                    });
  order.resize(kept);
  return order;
}

/// Recall at both cutoffs, and NDCG.
std::array<double, 3> quality_of(const std::vector<ItemIndex>& order,
                                 const std::vector<ItemIndex>& targets) {
  std::array<double, 3> result{};
  double ideal = 0;
  for (std::size_t rank = 0; rank < std::min(kCutoffNdcg, targets.size()); ++rank) {
    ideal += 1 / std::log2(static_cast<double>(rank) + 2);
  }
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    if (!std::ranges::binary_search(targets, order[rank])) continue;
    for (std::size_t k = 0; k < std::size(kCutoffs); ++k) {
      if (rank < kCutoffs[k]) {
        result[k] += 1 / static_cast<double>(std::min(kCutoffs[k], targets.size()));
      }
    }
    result[2] += 1 / std::log2(static_cast<double>(rank) + 2) / ideal;
  }
  return result;
}

std::array<double, 3> mean_of(const std::vector<std::array<double, 3>>& people,
                              const auto& index_of) {
  std::array<double, 3> sum{};
  for (std::size_t i = 0; i < people.size(); ++i) {
    for (std::size_t m = 0; m < sum.size(); ++m) sum[m] += people[index_of(i)][m];
  }
  for (double& each : sum) each /= static_cast<double>(people.size());
  return sum;
}

/// "ials:factors=64,epochs=16" as name and numbers.
struct ModelText {
  std::string name;
  std::vector<std::pair<std::string, double>> numbers;
};

Result<ModelText> read_model_text(std::string_view text) {
  ModelText model;
  const std::size_t colon = std::min(text.find(':'), text.size());
  model.name = text.substr(0, colon);
  text.remove_prefix(std::min(colon + 1, text.size()));
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string_view digits = part.substr(std::min(equals + 1, part.size()));
    double number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size()) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("\"{}\" is not NAME=NUMBER", part), "model");
    }
    model.numbers.emplace_back(part.substr(0, equals), number);
  }
  return model;
}

tl::unexpected<Error> no_such(const std::string& what) {
  return fail(ErrorCode::invalid_argument,
              fmt::format("{} is unknown: popular, ease:lambda=, or ials:factors=,epochs=,"
                          "unobserved=,lambda=,nu=,deviation=,seed=", what),
              "model");
}

Result<std::unique_ptr<PreferenceModel>> train_ials(const ModelText& model,
                                                    const PreferenceMatrix& taken) {
  IalsParams params;
  for (const auto& [name, number] : model.numbers) {
    if (!(number >= 0 && number < 1e9)) return no_such(name);
    if (name == "factors") params.factors = static_cast<std::uint32_t>(number);
    else if (name == "epochs") params.epochs = static_cast<std::uint32_t>(number);
    else if (name == "unobserved") params.unobserved = number;
    else if (name == "lambda") params.lambda = number;
    else if (name == "nu") params.nu = number;
    else if (name == "deviation") params.deviation = number;
    else if (name == "seed") params.seed = static_cast<std::uint64_t>(number);
    else return no_such(name);
  }
  return train_ials(taken, params);
}

Result<std::unique_ptr<PreferenceModel>> train(const std::string& text,
                                               const PreferenceMatrix& taken) {
  ATTUNE_ASSIGN(const ModelText model, read_model_text(text));
  if (model.name == "ials") return train_ials(model, taken);
  if (model.name == "popular" && model.numbers.empty()) return count_popularity(taken);
  if (model.name != "ease") return no_such(model.name);
  EaseParams params;
  for (const auto& [name, number] : model.numbers) {
    if (name != "lambda") return no_such(name);
    params.lambda = number;
  }
  return train_ease(taken, params);
}

Result<PreferenceMatrix> read_pairs(const PeopleEvaluation& options) {
  ATTUNE_ASSIGN(CsvTable table, CsvTable::open(options.log_path));
  ATTUNE_ASSIGN(const std::size_t user, table.column({options.user_column}));
  ATTUNE_ASSIGN(const std::size_t item, table.column({options.item_column}));
  std::unordered_map<std::string, std::size_t> users;
  std::unordered_map<std::string, ItemIndex> items;
  std::vector<std::vector<ItemIndex>> taken;
  std::size_t pairs = 0;
  while (table.next()) {
    const std::string* who = table.text(user);
    const std::string* what = table.text(item);
    if (who == nullptr || what == nullptr) return table.wrong("a column is missing");
    if (++pairs > kPairsMax) {
      return fail(ErrorCode::resource_exhausted, fmt::format("more than {} lines", kPairsMax));
    }
    const auto person = users.emplace(*who, users.size()).first->second;
    const auto number = items.emplace(*what, static_cast<ItemIndex>(items.size())).first->second;
    if (person == taken.size()) taken.emplace_back();
    taken[person].push_back(number);
  }
  PreferenceMatrix matrix;
  matrix.item_count = static_cast<std::uint32_t>(items.size());
  for (auto& each : taken) matrix.add(std::move(each));
  return matrix;
}

}  // namespace

Result<HoldOut> hold_out(const PreferenceMatrix& taken, const HoldOutOptions& options) {
  Random random(options.seed);
  std::vector<std::size_t> order(taken.user_count());
  std::iota(order.begin(), order.end(), std::size_t{0});
  shuffle(order, random);
  const std::size_t held = std::min(options.people, order.size() / 2);
  HoldOut result;
  result.train.item_count = taken.item_count;
  std::vector<bool> known(taken.item_count);
  for (std::size_t i = held; i < order.size(); ++i) {
    const auto row = taken.row(order[i]);
    result.train.add({row.begin(), row.end()});
    for (const ItemIndex item : row) known[item] = true;
  }
  for (std::size_t i = 0; i < held; ++i) {
    std::vector<ItemIndex> items;
    for (const ItemIndex item : taken.row(order[i])) {
      if (known[item]) items.push_back(item);
    }
    const auto targets =
        static_cast<std::ptrdiff_t>(options.target_share * static_cast<double>(items.size()));
    if (items.size() < options.items_min || targets == 0) continue;
    shuffle(items, random);
    HeldOutPerson person{.history = {items.begin() + targets, items.end()},
                         .targets = {items.begin(), items.begin() + targets}};
    std::ranges::sort(person.targets);
    result.people.push_back(std::move(person));
  }
  if (result.people.empty() || result.train.items.empty()) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("nobody is left to measure: at least one person with {} items that "
                            "others took too is wanted", options.items_min));
  }
  return result;
}

PreferenceEvaluation measure(const PreferenceModel& model, const std::vector<HeldOutPerson>& people,
                             const BootstrapOptions& bootstrap) {
  std::vector<std::array<double, 3>> each;
  std::set<ItemIndex> shown;
  std::vector<float> scores(model.item_count());
  for (const HeldOutPerson& person : people) {
    model.score(person.history, scores);
    const auto order = ranked(scores, person.history);
    each.push_back(quality_of(order, person.targets));
    const auto first = static_cast<std::ptrdiff_t>(std::min(kCutoffs[0], order.size()));
    shown.insert(order.begin(), order.begin() + first);
  }
  PreferenceEvaluation result;
  result.people = people.size();
  const auto mean = mean_of(each, [](std::size_t i) { return i; });
  result.quality = {.recall20 = mean[0], .recall50 = mean[1], .ndcg100 = mean[2]};
  std::array<std::vector<double>, 3> resampled;
  Random random(bootstrap.seed);
  for (std::uint32_t r = 0; r < bootstrap.resamples; ++r) {
    const auto drawn = mean_of(each, [&](std::size_t) { return random.below(each.size()); });
    for (std::size_t m = 0; m < drawn.size(); ++m) resampled[m].push_back(drawn[m]);
  }
  result.recall20 = percentile_interval(std::move(resampled[0]));
  result.recall50 = percentile_interval(std::move(resampled[1]));
  result.ndcg100 = percentile_interval(std::move(resampled[2]));
  result.coverage = static_cast<double>(shown.size()) / std::max(1U, model.item_count());
  return result;
}

Result<PeopleReport> evaluate_people(const PeopleEvaluation& options) {
  ATTUNE_ASSIGN(const PreferenceMatrix taken, read_pairs(options));
  ATTUNE_ASSIGN(const HoldOut split, hold_out(taken, options.hold_out));
  PeopleReport report;
  report.options = options;
  report.users = taken.user_count();
  report.items = taken.item_count;
  report.pairs = taken.items.size();
  const auto begin = std::chrono::steady_clock::now();
  ATTUNE_ASSIGN(const auto model, train(options.model, split.train));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  report.train_seconds = took.count();
  report.model = measure(*model, split.people, options.bootstrap);
  report.popular = measure(*count_popularity(split.train), split.people, options.bootstrap);
  return report;
}

std::string to_text(const PeopleReport& report) {
  std::string out = fmt::format(
      "{} people, {} items, {} pairs; measured on {} people who were held out; trained in "
      "{:.2f} s\n",
      report.users, report.items, report.pairs, report.model.people, report.train_seconds);
  const auto add = [&](std::string_view name, const PreferenceEvaluation& e) {
    out += fmt::format(
        "{}\n  Recall@20 {:.4f}   [{:.4f}, {:.4f}]\n  Recall@50 {:.4f}   [{:.4f}, {:.4f}]\n"
        "  NDCG@100  {:.4f}   [{:.4f}, {:.4f}]\n  coverage  {:.4f}\n",
        name, e.quality.recall20, e.recall20.low, e.recall20.high, e.quality.recall50,
        e.recall50.low, e.recall50.high, e.quality.ndcg100, e.ndcg100.low, e.ndcg100.high,
        e.coverage);
  };
  add(report.options.model, report.model);
  add("popular", report.popular);
  return out + "intervals: 95 %, bootstrap over people";
}

std::string to_json(const PeopleReport& report) {
  std::string out;
  JsonWriter json(out);
  const auto number = [&](std::string_view name, double value) {
    json.key(name);
    json.number(value);
  };
  const auto interval = [&](std::string_view name, const Interval& of) {
    json.key(name);
    json.begin_array();
    json.number(of.low);
    json.number(of.high);
    json.end_array();
  };
  const auto add = [&](std::string_view name, const PreferenceEvaluation& e) {
    json.key(name);
    json.begin_object();
    number("recall20", e.quality.recall20);
    interval("recall20_interval", e.recall20);
    number("recall50", e.quality.recall50);
    interval("recall50_interval", e.recall50);
    number("ndcg100", e.quality.ndcg100);
    interval("ndcg100_interval", e.ndcg100);
    number("coverage", e.coverage);
    json.end_object();
  };
  json.begin_object();
  number("users", static_cast<double>(report.users));
  number("items", static_cast<double>(report.items));
  number("pairs", static_cast<double>(report.pairs));
  number("people_measured", static_cast<double>(report.model.people));
  number("train_seconds", report.train_seconds);
  add("model", report.model);
  add("popular", report.popular);
  json.end_object();
  return out;
}

}  // namespace attune::learn
