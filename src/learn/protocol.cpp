#include "learn/protocol.h"

#include <fmt/core.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/random.h"
#include "learn/held_out.h"

namespace attune::learn {
namespace {

constexpr std::size_t kStrongItemsMin = 5;   // of a person; the rest of Liang et al. 2018 as well
constexpr std::size_t kStrongParts = 5;      // one of so many is hidden

/// The clicks to learn from, with the item numbers of `log`; visits without one are left out.
SessionLog only_clicks(const SessionLog& log, const std::vector<bool>& kept) {
  SessionLog part;
  std::unordered_map<std::uint32_t, std::uint32_t> people;   // numbered anew, without gaps
  part.item_ids = log.item_ids;
  for (std::size_t v = 0; v < log.session_count(); ++v) {
    for (std::size_t i = log.begins[v]; i < log.begins[v + 1]; ++i) {
      if (!kept[i]) continue;
      part.items.push_back(log.items[i]);
      part.times_ms.push_back(log.times_ms[i]);
      if (!log.kinds.empty()) part.kinds.push_back(log.kinds[i]);
    }
    if (part.items.size() == part.begins.back()) continue;
    part.begins.push_back(static_cast<std::uint32_t>(part.items.size()));
    if (log.people.empty()) continue;
    const auto number = static_cast<std::uint32_t>(people.size());
    part.people.push_back(people.try_emplace(log.people[v], number).first->second);
  }
  return part;
}

std::vector<std::vector<std::uint32_t>> visits_by_person(const SessionLog& log) {
  std::uint32_t people = 0;
  for (std::size_t v = 0; v < log.session_count(); ++v) {
    people = std::max(people, log.person(v) + 1);
  }
  std::vector<std::vector<std::uint32_t>> visits(people);
  for (std::size_t v = 0; v < log.session_count(); ++v) {
    visits[log.person(v)].push_back(static_cast<std::uint32_t>(v));
  }
  return visits;
}

void make_set(std::vector<ItemIndex>& items) {
  std::ranges::sort(items);
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

class Splitter {
 public:
  Splitter(const SessionLog& log, const SplitOptions& options)
      : log_(log), options_(options), kept_(log.click_count(), true) {}

  /// Visits from `begin` on are not learned from.
  void hold_out_visits(std::size_t begin) {
    std::fill(kept_.begin() + log_.begins[begin], kept_.end(), false);
  }

  void ask_next_items() {
    const std::size_t begin = held_out_begin(log_);
    hold_out_visits(begin);
    finish_train();
    std::size_t predictions = 0;
    for (std::size_t v = begin; v < log_.session_count(); ++v) {
      predictions += log_.session(v).size() - 1;
    }
    const std::size_t step = step_for(predictions);
    for (std::size_t v = begin; v < log_.session_count(); v += step) {
      const std::vector<ItemIndex> visit = known(log_.session(v));
      if (visit.size() < 2) continue;
      const std::vector<ItemIndex> history = taken_before(log_.person(v), begin);
      for (std::size_t t = 1; t < visit.size(); ++t) {
        const auto at = visit.begin() + static_cast<std::ptrdiff_t>(t);
        add({.unit = static_cast<std::uint32_t>(v),
             .visit = {visit.begin(), at},
             .history = history,
             .next = {*at},
             .rest = {at, visit.end()}});
      }
    }
  }

  void ask_last_items() {
    const std::size_t step = step_for(visits().size());
    for (std::size_t person = 0; person < visits().size(); person += step) {
      if (const std::size_t last = last_click(person); last != kNone) kept_[last] = false;
    }
    finish_train();
    for (std::size_t person = 0; person < visits().size(); person += step) {
      const std::size_t last = last_click(person);
      if (last == kNone || !clicked_[log_.items[last]]) continue;
      const std::size_t v = visits()[person].back();
      const ItemIndex wanted = log_.items[last];
      const auto visit = known(log_.session(v).first(last - log_.begins[v]));
      const auto history = taken_before(person, v);
      if (visit.empty() && history.empty()) continue;
      add({.unit = static_cast<std::uint32_t>(person),
           .visit = visit,
           .history = history,
           .next = {wanted},
           .rest = {wanted}});
    }
  }

  void ask_returning_people() {
    const std::size_t begin = held_out_begin(log_);
    hold_out_visits(begin);
    finish_train();
    const std::size_t step = step_for(visits().size());
    for (std::size_t person = 0; person < visits().size(); person += step) {
      const auto history = taken_before(person, begin);
      std::vector<ItemIndex> wanted;
      for (const std::uint32_t v : visits()[person]) {
        if (v < begin) continue;
        for (const ItemIndex item : known(log_.session(v))) {
          if (std::ranges::find(history, item) == history.end()) wanted.push_back(item);
        }
      }
      add_of_person(person, history, std::move(wanted));
    }
  }

  void ask_new_people() {
    Random random(options_.seed);
    std::vector<std::uint32_t> order;
    for (std::uint32_t person = 0; person < visits().size(); ++person) order.push_back(person);
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    order.resize(std::min(options_.people_max, order.size() / 2));
    std::ranges::sort(order);
    for (const std::uint32_t person : order) {
      for (const std::uint32_t v : visits()[person]) {
        std::fill(kept_.begin() + log_.begins[v], kept_.begin() + log_.begins[v + 1], false);
      }
    }
    finish_train();
    for (const std::uint32_t person : order) {
      const std::vector<ItemIndex> items = taken_before(person, log_.session_count());
      if (items.size() < kStrongItemsMin) continue;
      std::vector<bool> hidden(items.size());
      std::fill_n(hidden.begin(), items.size() / kStrongParts, true);
      for (std::size_t i = hidden.size(); i > 1; --i) {
        const std::size_t other = random.below(i);
        const bool held = hidden[i - 1];
        hidden[i - 1] = hidden[other];
        hidden[other] = held;
      }
      std::vector<ItemIndex> shown;
      std::vector<ItemIndex> wanted;
      for (std::size_t i = 0; i < items.size(); ++i) {
        (hidden[i] ? wanted : shown).push_back(items[i]);
      }
      add_of_person(person, shown, std::move(wanted));
    }
  }

  Split take() { return std::move(split_); }

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};

  std::size_t step_for(std::size_t cases) const {
    return std::max<std::size_t>(1, (cases + options_.cases_max - 1) / options_.cases_max);
  }

  const std::vector<std::vector<std::uint32_t>>& visits() {
    if (visits_.empty()) visits_ = visits_by_person(log_);
    return visits_;
  }

  void finish_train() {
    split_.train = only_clicks(log_, kept_);
    clicked_.assign(log_.item_count(), false);
    for (const ItemIndex item : split_.train.items) clicked_[item] = true;
  }

  std::vector<ItemIndex> known(std::span<const ItemIndex> items) const {
    std::vector<ItemIndex> result;
    std::ranges::copy_if(items, std::back_inserter(result),
                         [&](ItemIndex item) { return clicked_[item]; });
    return result;
  }

  /// The newest items of a person from before visit `end`, oldest first, each where it is newest.
  std::vector<ItemIndex> taken_before(std::size_t person, std::size_t end) {
    std::vector<ItemIndex> newest;
    const auto& own = visits()[person];
    for (std::size_t k = own.size(); k-- > 0;) {
      if (own[k] >= end) continue;
      const auto items = log_.session(own[k]);
      for (std::size_t i = items.size(); i-- > 0 && newest.size() < options_.history_max;) {
        const bool is_new = std::ranges::find(newest, items[i]) == newest.end();
        if (is_new && clicked_[items[i]]) newest.push_back(items[i]);
      }
    }
    std::ranges::reverse(newest);
    return newest;
  }

  /// A person's newest click, unless there is nothing before it.
  std::size_t last_click(std::size_t person) {
    const auto& own = visits()[person];
    if (own.empty() || (own.size() == 1 && log_.session(own.back()).size() < 2)) return kNone;
    return log_.begins[own.back() + std::size_t{1}] - std::size_t{1};
  }

  void add_of_person(std::size_t person, const std::vector<ItemIndex>& history,
                     std::vector<ItemIndex> wanted) {
    make_set(wanted);
    if (history.empty() || wanted.empty()) return;
    add({.unit = static_cast<std::uint32_t>(person),
         .visit = {},
         .history = history,
         .next = wanted,
         .rest = std::move(wanted)});
  }

  void add(Case one) {
    make_set(one.rest);
    if (split_.cases.empty() || split_.cases.back().unit != one.unit) ++split_.units;
    split_.cases.push_back(std::move(one));
  }

  const SessionLog& log_;
  const SplitOptions& options_;
  std::vector<bool> kept_;      // of the clicks, to learn from
  std::vector<bool> clicked_;   // of the items, in what is learned from
  std::vector<std::vector<std::uint32_t>> visits_;   // of each person, oldest first
  Split split_;
};

std::string_view what_is_wanted(Protocol protocol) {
  switch (protocol) {
    case Protocol::next_item:
      return "newer visits with two items that older visits have too";
    case Protocol::leave_one_out:
      return "people with two items, of which others took the newer one too";
    case Protocol::time:
      return "people who came back and took something new";
    case Protocol::strong:
      break;
  }
  return "people with 5 items that others took too";
}

}  // namespace

std::string_view to_string(Protocol protocol) {
  switch (protocol) {
    case Protocol::next_item:
      return "next-item";
    case Protocol::leave_one_out:
      return "leave-one-out";
    case Protocol::time:
      return "time";
    case Protocol::strong:
      break;
  }
  return "strong";
}

Result<Protocol> parse_protocol(std::string_view name) {
  using enum Protocol;
  for (const Protocol each : {next_item, leave_one_out, time, strong}) {
    if (to_string(each) == name) return each;
  }
  return fail(ErrorCode::invalid_argument,
              fmt::format("there is no protocol '{}'; there are next-item, leave-one-out, strong "
                          "and time", name),
              "protocol");
}

std::string_view meaning_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::next_item:
      return "the next item of the site's newest visits, from the items before it";
    case Protocol::leave_one_out:
      return "each person's last item, from all before it";
    case Protocol::time:
      return "what returning people take anew, from what they took before";
    case Protocol::strong:
      break;
  }
  return "a fifth of what people took whom nobody learned from, from the rest of it";
}

Result<Split> split_visits(const SessionLog& log, Protocol protocol, const SplitOptions& options) {
  Splitter splitter(log, options);
  switch (protocol) {
    case Protocol::next_item:
      splitter.ask_next_items();
      break;
    case Protocol::leave_one_out:
      splitter.ask_last_items();
      break;
    case Protocol::time:
      splitter.ask_returning_people();
      break;
    case Protocol::strong:
      splitter.ask_new_people();
      break;
  }
  Split split = splitter.take();
  if (split.cases.empty() || split.train.items.empty()) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("nothing can be asked by protocol {}: the site has {} visits with {} "
                            "clicks, and it wants {}",
                            to_string(protocol), log.session_count(), log.click_count(),
                            what_is_wanted(protocol)));
  }
  return split;
}

}  // namespace attune::learn
