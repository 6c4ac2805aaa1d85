#include "learn/session_log.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <numeric>
#include <utility>

#include <fmt/core.h>

namespace attune::learn {
namespace {

/// Positions of `names` in the ascending order of their texts.
std::vector<std::uint32_t> ranks_by_text(const std::vector<const std::string*>& texts) {
  std::vector<std::uint32_t> order(texts.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return *texts[a] < *texts[b]; });
  std::vector<std::uint32_t> ranks(texts.size());
  for (std::uint32_t rank = 0; rank < order.size(); ++rank) ranks[order[rank]] = rank;
  return ranks;
}

/// Cuts the next tab-separated field off `line`.
std::string_view cut_field(std::string_view& line) {
  const std::size_t tab = line.find('\t');
  const std::string_view field = line.substr(0, tab);
  line = tab == std::string_view::npos ? std::string_view{} : line.substr(tab + 1);
  return field;
}

/// Unix seconds, perhaps with a fraction, as milliseconds; years 1970 to 9999.
bool parse_time(std::string_view text, std::int64_t& time_ms) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size()) return false;
  if (!std::isfinite(seconds) || seconds < 0 || seconds > 253402300799.0) return false;
  time_ms = std::llround(seconds * 1000);
  return true;
}

}  // namespace

ItemIndex SessionLog::find(std::string_view item_id) const {
  const auto at = std::lower_bound(item_ids.begin(), item_ids.end(), item_id);
  if (at == item_ids.end() || *at != item_id) return kNoItem;
  return static_cast<ItemIndex>(at - item_ids.begin());
}

std::uint32_t SessionLogBuilder::Names::number(std::string_view text) {
  if (const auto known = numbers.find(text); known != numbers.end()) return known->second;
  const auto next = static_cast<std::uint32_t>(texts.size());
  texts.push_back(&numbers.emplace(text, next).first->first);
  return next;
}

void SessionLogBuilder::add(std::string_view session_id, std::string_view item_id,
                            std::int64_t time_ms, ClickKind kind, std::int64_t person) {
  const std::uint32_t session = sessions_.number(session_id);
  people_.resize(sessions_.texts.size());
  if (people_[session] == 0) people_[session] = person;
  clicks_.emplace_back(session, items_.number(item_id), time_ms, kind);
}

void SessionLogBuilder::merge_repeats() {
  std::size_t kept = 0;
  for (const Click& click : clicks_) {
    if (kept > 0 && clicks_[kept - 1].session == click.session &&
        clicks_[kept - 1].item == click.item) {
      Click& first = clicks_[kept - 1];
      const ClickKind kind = std::max(first.kind(), click.kind());
      first = Click(first.session, first.item, first.time_ms(), kind);
    } else {
      clicks_[kept++] = click;
    }
  }
  clicks_.erase(clicks_.begin() + static_cast<std::ptrdiff_t>(kept), clicks_.end());
}

std::vector<bool> SessionLogBuilder::frequent_items(std::size_t clicks_min) const {
  std::vector<std::size_t> counts(items_.texts.size());
  for (const Click& click : clicks_) ++counts[click.item];
  std::vector<bool> frequent(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) frequent[i] = counts[i] >= clicks_min;
  return frequent;
}

Result<SessionLog> SessionLogBuilder::build(const SessionLogOptions& options) {
  if (clicks_.size() > 0xfffffffdU) {
    return fail(ErrorCode::resource_exhausted,
                "more clicks than one session log can hold (2^32 - 2)");
  }
  if (options.newest_first) std::reverse(clicks_.begin(), clicks_.end());
  const std::vector<bool> frequent = frequent_items(options.item_clicks_min);
  std::erase_if(clicks_, [&](const Click& click) { return !frequent[click.item]; });
  std::ranges::stable_sort(clicks_, [](const Click& a, const Click& b) {
    return std::pair(a.session, a.time_ms()) < std::pair(b.session, b.time_ms());
  });
  if (options.merge_repeats) merge_repeats();

  struct Visit {
    std::int64_t end_ms;
    std::uint32_t name_rank;
    std::size_t begin;
    std::size_t end;
  };
  const std::vector<std::uint32_t> session_ranks = ranks_by_text(sessions_.texts);
  std::vector<Visit> visits;
  std::vector<bool> used(items_.texts.size());
  for (std::size_t begin = 0; begin < clicks_.size();) {
    std::size_t end = begin + 1;
    while (end < clicks_.size() && clicks_[end].session == clicks_[begin].session) ++end;
    if (end - begin >= options.session_items_min) {
      visits.push_back(
          {clicks_[end - 1].time_ms(), session_ranks[clicks_[begin].session], begin, end});
      for (std::size_t i = begin; i < end; ++i) used[clicks_[i].item] = true;
    }
    begin = end;
  }
  std::sort(visits.begin(), visits.end(), [](const Visit& a, const Visit& b) {
    return std::pair(a.end_ms, a.name_rank) < std::pair(b.end_ms, b.name_rank);
  });

  SessionLog log;
  std::vector<const std::string*> kept_texts;
  std::vector<std::uint32_t> kept_numbers;
  for (std::uint32_t i = 0; i < used.size(); ++i) {
    if (!used[i]) continue;
    kept_texts.push_back(items_.texts[i]);
    kept_numbers.push_back(i);
  }
  const std::vector<std::uint32_t> item_ranks = ranks_by_text(kept_texts);
  std::vector<ItemIndex> item_index(items_.texts.size(), kNoItem);
  for (std::size_t i = 0; i < kept_texts.size(); ++i) item_index[kept_numbers[i]] = item_ranks[i];
  log.item_ids.resize(kept_texts.size());
  for (std::size_t i = 0; i < kept_texts.size(); ++i) log.item_ids[item_ranks[i]] = *kept_texts[i];
  const bool has_kinds = std::ranges::any_of(
      clicks_, [](const Click& click) { return click.kind() != ClickKind::view; });
  const bool has_people = std::ranges::any_of(people_, [](std::int64_t id) { return id != 0; });
  std::unordered_map<std::int64_t, std::uint32_t> person_numbers;
  std::uint32_t person_count = 0;
  for (const Visit& visit : visits) {
    for (std::size_t i = visit.begin; i < visit.end; ++i) {
      log.items.push_back(item_index[clicks_[i].item]);
      log.times_ms.push_back(clicks_[i].time_ms());
      if (has_kinds) log.kinds.push_back(clicks_[i].kind());
    }
    log.begins.push_back(static_cast<std::uint32_t>(log.items.size()));
    if (!has_people) continue;
    const std::int64_t person = people_[clicks_[visit.begin].session];
    const auto known = person_numbers.try_emplace(person, person_count);
    log.people.push_back(person == 0 || known.second ? person_count++ : known.first->second);
  }
  *this = SessionLogBuilder{};
  return log;
}

SessionLog slice(const SessionLog& log, std::size_t begin, std::size_t end) {
  SessionLog part;
  const std::size_t first = log.begins[begin];
  const std::size_t last = log.begins[end];
  std::vector<bool> used(log.item_count());
  for (std::size_t i = first; i < last; ++i) used[log.items[i]] = true;
  std::vector<ItemIndex> numbers(log.item_count(), kNoItem);
  for (ItemIndex item = 0; item < used.size(); ++item) {
    if (!used[item]) continue;
    numbers[item] = static_cast<ItemIndex>(part.item_ids.size());
    part.item_ids.push_back(log.item_ids[item]);
  }
  for (std::size_t i = first; i < last; ++i) part.items.push_back(numbers[log.items[i]]);
  part.times_ms.assign(log.times_ms.begin() + static_cast<std::ptrdiff_t>(first),
                       log.times_ms.begin() + static_cast<std::ptrdiff_t>(last));
  for (std::size_t v = begin; v < end; ++v) {
    part.begins.push_back(static_cast<std::uint32_t>(log.begins[v + 1] - first));
    if (!log.people.empty()) part.people.push_back(log.people[v]);
  }
  if (!log.kinds.empty()) {
    part.kinds.assign(log.kinds.begin() + static_cast<std::ptrdiff_t>(first),
                      log.kinds.begin() + static_cast<std::ptrdiff_t>(last));
  }
  return part;
}

SessionLog long_visits(const SessionLog& log, std::size_t items_min) {
  SessionLog part;
  part.item_ids = log.item_ids;
  for (std::size_t v = 0; v < log.session_count(); ++v) {
    if (log.session(v).size() < items_min) continue;
    for (std::size_t i = log.begins[v]; i < log.begins[v + 1]; ++i) {
      part.items.push_back(log.items[i]);
      part.times_ms.push_back(log.times_ms[i]);
      if (!log.kinds.empty()) part.kinds.push_back(log.kinds[i]);
    }
    part.begins.push_back(static_cast<std::uint32_t>(part.items.size()));
    if (!log.people.empty()) part.people.push_back(log.people[v]);
  }
  return part;
}

SessionLog with_items(const SessionLog& log, const std::vector<std::string>& more) {
  SessionLog all = log;
  all.item_ids.insert(all.item_ids.end(), more.begin(), more.end());
  std::sort(all.item_ids.begin(), all.item_ids.end());
  all.item_ids.erase(std::unique(all.item_ids.begin(), all.item_ids.end()), all.item_ids.end());
  std::vector<ItemIndex> numbers;
  for (const std::string& id : log.item_ids) numbers.push_back(all.find(id));
  for (ItemIndex& item : all.items) item = numbers[item];
  return all;
}

Result<SessionLog> read_session_file(const std::string& path, const SessionLogOptions& options) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return fail(errno == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable,
                fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  }
  SessionLogBuilder builder;
  std::string line;
  std::size_t number = 0;
  while (std::getline(file, line)) {
    ++number;
    std::string_view rest = line;
    if (rest.ends_with('\r')) rest.remove_suffix(1);
    if (number == 1 && rest.starts_with("SessionId")) continue;
    if (rest.empty()) continue;
    const std::string_view session = cut_field(rest);
    const std::string_view item = cut_field(rest);
    std::int64_t time_ms = 0;
    if (session.empty() || item.empty() || !parse_time(rest, time_ms)) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("{} line {}: expected SessionId, ItemId and Time (unix seconds), "
                              "separated by tabs",
                              path, number));
    }
    builder.add(session, item, time_ms);
  }
  if (file.bad()) {
    return fail(ErrorCode::unavailable,
                fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  }
  return builder.build(options);
}

}  // namespace attune::learn
