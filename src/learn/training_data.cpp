#include "learn/training_data.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "learn/artefact.h"
#include "learn/bytes.h"

namespace attune::learn {
namespace {

template <class T>
bool strictly_ascending(const std::vector<T>& values) {
  return std::adjacent_find(values.begin(), values.end(), std::greater_equal<>()) == values.end();
}

void write_log(ByteWriter& out, const SessionLog& log) {
  out.texts(log.item_ids);
  out.numbers(log.items);
  out.numbers(log.times_ms);
  out.numbers(log.begins);
  std::vector<std::uint8_t> kinds;
  for (const ClickKind kind : log.kinds) kinds.push_back(static_cast<std::uint8_t>(kind));
  out.numbers(kinds);
  out.numbers(log.people);
}

/// Returns  whether it is consistent.
bool read_log(ByteReader& in, SessionLog& log) {
  log.item_ids = in.texts();
  log.items = in.numbers<ItemIndex>();
  log.times_ms = in.numbers<std::int64_t>();
  log.begins = in.numbers<std::uint32_t>();
  const std::vector<std::uint8_t> kinds = in.numbers<std::uint8_t>();
  log.people = in.numbers<std::uint32_t>();
  for (const std::uint8_t kind : kinds) {
    if (kind > static_cast<std::uint8_t>(ClickKind::purchase)) return false;
    log.kinds.push_back(static_cast<ClickKind>(kind));
  }
  const auto in_range = [&](ItemIndex item) { return item < log.item_ids.size(); };
  const auto is_person = [&](std::uint32_t person) { return person < log.people.size(); };
  return in.ok() && !log.begins.empty() && log.begins.front() == 0 &&
         log.begins.back() == log.items.size() && strictly_ascending(log.begins) &&
         log.times_ms.size() == log.items.size() && strictly_ascending(log.item_ids) &&
         (log.kinds.empty() || log.kinds.size() == log.items.size()) &&
         (log.people.empty() || log.people.size() == log.session_count()) &&
         std::all_of(log.items.begin(), log.items.end(), in_range) &&
         std::all_of(log.people.begin(), log.people.end(), is_person);
}

bool read_catalogue(ByteReader& in, Catalogue& catalogue) {
  const auto count = in.number<std::uint64_t>();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    CatalogueItem item;
    item.id = in.text();
    item.name = in.text();
    item.category = in.text();
    item.brand = in.text();
    item.price = in.number<double>();
    item.labels = in.texts();
    item.embedding = in.numbers<float>();
    const auto finite = [](float value) { return std::isfinite(value); };
    if (!std::all_of(item.embedding.begin(), item.embedding.end(), finite)) return false;
    if (!catalogue.empty() && catalogue.back().id >= item.id) return false;
    catalogue.push_back(std::move(item));
  }
  return in.ok();
}

}  // namespace

Result<void> save_training_data(FileSystem& files, const TrainingData& data,
                                const std::string& path) {
  ByteWriter out;
  write_log(out, data.log);
  out.number(static_cast<std::uint64_t>(data.catalogue.size()));
  for (const CatalogueItem& item : data.catalogue) {
    out.text(item.id);
    out.text(item.name);
    out.text(item.category);
    out.text(item.brand);
    out.number(item.price);
    out.texts(item.labels);
    out.numbers(item.embedding);
  }
  return write_artefact(files, path, ArtefactKind::session_export, out.bytes());
}

Result<TrainingData> load_training_data(FileSystem& files, const std::string& path) {
  std::uint32_t version = 0;
  ATTUNE_ASSIGN(const std::string payload,
                read_artefact(files, path, ArtefactKind::session_export, &version));
  if (version < 2) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("{}: an export of format {}: make it anew", path, version));
  }
  ByteReader in(payload);
  TrainingData data;
  if (!read_log(in, data.log) || !read_catalogue(in, data.catalogue) || !in.at_end()) {
    return fail(ErrorCode::data_loss, fmt::format("{}: the export is not consistent", path));
  }
  return data;
}

}  // namespace attune::learn
