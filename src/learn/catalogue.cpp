#include "learn/catalogue.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

namespace attune::learn {
namespace {

namespace json = boost::json;

constexpr std::size_t kLabelsMax = 200;
constexpr std::size_t kLabelBytesMax = 200;
constexpr std::size_t kEmbeddingMin = 4;
constexpr std::size_t kEmbeddingMax = 4096;

void add_label(CatalogueItem& item, const std::string& prefix, std::string_view text) {
  if (text.empty() || item.labels.size() == kLabelsMax) return;
  if (prefix.size() + text.size() > kLabelBytesMax) return;
  item.labels.push_back(prefix + std::string(text));
}

bool take_embedding(CatalogueItem& item, const json::array& values) {
  if (values.size() < kEmbeddingMin || values.size() > kEmbeddingMax) return false;
  std::vector<float> embedding;
  for (const json::value& value : values) {
    if (!value.is_number()) return false;
    embedding.push_back(static_cast<float>(value.to_number<double>()));
    if (!std::isfinite(embedding.back())) return false;
  }
  if (item.embedding.empty()) item.embedding = std::move(embedding);
  return true;
}

// Depth is bounded by the parser's.
void take(CatalogueItem& item, const std::string& prefix, const json::value& value) {
  if (const auto* text = value.if_string()) {
    add_label(item, prefix, *text);
  } else if (value.is_number()) {
    add_label(item, prefix, json::serialize(value));
  } else if (const auto* array = value.if_array()) {
    if (take_embedding(item, *array)) return;
    for (const json::value& each : *array) take(item, prefix, each);
  } else if (const auto* object = value.if_object()) {
    for (const auto& [key, each] : *object) {
      take(item, fmt::format("{}{}:", prefix, std::string_view(key)), each);
    }
  }
}

}  // namespace

const CatalogueItem* find_item(const Catalogue& catalogue, std::string_view id) {
  const auto at = std::ranges::lower_bound(catalogue, id, {}, &CatalogueItem::id);
  return at != catalogue.end() && at->id == id ? &*at : nullptr;
}

void read_labels(std::string_view text, CatalogueItem& item) {
  json::error_code error;
  const json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (!error) take(item, "", value);
}

}  // namespace attune::learn
