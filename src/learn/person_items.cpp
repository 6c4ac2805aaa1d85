#include "learn/person_items.h"

#include <algorithm>
#include <numeric>

namespace attune::learn {

PreferenceMatrix person_items(const SessionLog& log, ClickKind at_least, std::size_t items_max) {
  std::uint32_t person_count = 0;
  for (std::size_t v = 0; v < log.session_count(); ++v) {
    person_count = std::max(person_count, log.person(v) + 1);
  }
  // Visits by person, newest first: the log has them oldest first.
  std::vector<std::uint32_t> begins(person_count + std::size_t{1});
  for (std::size_t v = 0; v < log.session_count(); ++v) ++begins[log.person(v) + std::size_t{1}];
  std::partial_sum(begins.begin(), begins.end(), begins.begin());
  std::vector<std::uint32_t> next(begins.begin(), begins.end() - 1);
  std::vector<std::uint32_t> visits(log.session_count());
  for (std::size_t v = log.session_count(); v-- > 0;) {
    visits[next[log.person(v)]++] = static_cast<std::uint32_t>(v);
  }
  PreferenceMatrix taken;
  taken.item_count = static_cast<std::uint32_t>(log.item_count());
  std::vector<std::uint32_t> seen(log.item_count(), 0);   // by whom last, from 1
  for (std::uint32_t person = 0; person < person_count; ++person) {
    std::vector<ItemIndex> items;
    for (std::size_t k = begins[person]; k < begins[person + 1]; ++k) {
      const std::size_t first = log.begins[visits[k]];
      for (std::size_t i = log.begins[visits[k] + 1]; i-- > first && items.size() < items_max;) {
        if (log.kind(i) < at_least || seen[log.items[i]] == person + 1) continue;
        seen[log.items[i]] = person + 1;
        items.push_back(log.items[i]);
      }
    }
    taken.add(std::move(items));
  }
  return taken;
}

PreferenceMatrix by_item(const PreferenceMatrix& taken) {
  PreferenceMatrix rows;
  rows.item_count = static_cast<std::uint32_t>(taken.user_count());
  rows.begins.assign(taken.item_count + std::size_t{1}, 0);
  for (const ItemIndex item : taken.items) ++rows.begins[item + std::size_t{1}];
  std::partial_sum(rows.begins.begin(), rows.begins.end(), rows.begins.begin());
  rows.items.resize(taken.items.size());
  std::vector<std::uint32_t> next(rows.begins.begin(), rows.begins.end() - 1);
  for (std::size_t user = 0; user < taken.user_count(); ++user) {
    for (const ItemIndex item : taken.row(user)) {
      rows.items[next[item]++] = static_cast<ItemIndex>(user);
    }
  }
  return rows;
}

std::vector<ItemIndex> most_taken(const PreferenceMatrix& taken, std::size_t items_max) {
  std::vector<std::uint32_t> counts(taken.item_count);
  for (const ItemIndex item : taken.items) ++counts[item];
  std::vector<ItemIndex> items(taken.item_count);
  std::iota(items.begin(), items.end(), 0U);
  std::ranges::stable_sort(items, [&](ItemIndex a, ItemIndex b) { return counts[a] > counts[b]; });
  items.resize(std::min(items.size(), items_max));
  std::erase_if(items, [&](ItemIndex item) { return counts[item] == 0; });
  std::ranges::sort(items);
  return items;
}

PreferenceMatrix only_items(const PreferenceMatrix& taken, const std::vector<ItemIndex>& items) {
  std::vector<ItemIndex> numbers(taken.item_count, kNoItem);
  for (std::size_t i = 0; i < items.size(); ++i) numbers[items[i]] = static_cast<ItemIndex>(i);
  PreferenceMatrix kept;
  kept.item_count = static_cast<std::uint32_t>(items.size());
  for (std::size_t user = 0; user < taken.user_count(); ++user) {
    std::vector<ItemIndex> row;
    for (const ItemIndex item : taken.row(user)) {
      if (numbers[item] != kNoItem) row.push_back(numbers[item]);
    }
    if (!row.empty()) kept.add(std::move(row));
  }
  return kept;
}

}  // namespace attune::learn
