// Items that are alike by what the catalogue says of them: words of the name, category, brand and
// labels weighed by TF-IDF, beside an embedding where the shop gives one. Works for items that
// nobody has visited yet.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <unordered_map>

#include "base/hash.h"
#include "learn/nearest.h"
#include "learn/related_trainers.h"

namespace attune::learn {
namespace {

// Above this many items the words are hashed into so many dimensions, for the approximate search.
constexpr std::size_t kHashedDimensions = 128;

struct Term {
  std::uint32_t number = 0;
  float weight = 0;
};

/// Lower-case words of two bytes and more; letters beyond ASCII count as they are.
template <class Take>
void each_word(std::string_view text, const Take& take) {
  std::string word;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || std::isalnum(byte) != 0) {
      word += byte < 0x80 ? static_cast<char>(std::tolower(byte)) : c;
      continue;
    }
    if (word.size() > 1) take(word);
    word.clear();
  }
  if (word.size() > 1) take(word);
}

/// Items as vectors of weighed terms, of length 1 each (or empty).
class Terms {
 public:
  Terms(const SessionLog& log, const Catalogue& catalogue, const ContentParams& params)
      : rows_(log.item_count()) {
    for (ItemIndex item = 0; item < rows_.size(); ++item) {
      const CatalogueItem* described = find_item(catalogue, log.item_ids[item]);
      if (described != nullptr) add(item, *described, params);
    }
    weigh();
  }

  const std::vector<Term>& row(ItemIndex item) const { return rows_[item]; }
  std::size_t term_count() const { return frequencies_.size(); }

 private:
  void add(ItemIndex item, const CatalogueItem& described, const ContentParams& params) {
    std::map<std::uint32_t, float> weights;
    const auto take = [&](char kind, const std::string& text, double weight) {
      if (text.empty() || !(weight > 0)) return;
      const auto next = static_cast<std::uint32_t>(numbers_.size());
      weights[numbers_.try_emplace(kind + text, next).first->second] += static_cast<float>(weight);
    };
    each_word(described.name,
              [&](const std::string& word) { take('w', word, params.name_weight); });
    take('c', described.category, params.category_weight);
    take('b', described.brand, params.brand_weight);
    for (const std::string& label : described.labels) take('l', label, params.label_weight);
    frequencies_.resize(numbers_.size());
    for (const auto& [number, weight] : weights) {
      ++frequencies_[number];
      rows_[item].push_back({number, weight});
    }
  }

  void weigh() {
    const auto all = static_cast<double>(rows_.size());
    for (std::vector<Term>& row : rows_) {
      double squares = 0;
      for (Term& term : row) {
        const double idf = std::log((1 + all) / (1.0 + frequencies_[term.number]));
        term.weight = static_cast<float>((1 + std::log(1 + term.weight)) * idf * term.weight);
        squares += static_cast<double>(term.weight) * term.weight;
      }
      if (!(squares > 0)) row.clear();
      for (Term& term : row) term.weight /= static_cast<float>(std::sqrt(squares));
    }
  }

  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<std::uint32_t> frequencies_;  // items with the term
  std::vector<std::vector<Term>> rows_;
};

using Found = std::vector<std::pair<std::uint32_t, float>>;

/// Exact cosines, through the items of each term.
std::vector<Found> nearest_by_terms(const Terms& terms, std::size_t items, std::size_t count) {
  std::vector<std::vector<Term>> postings(terms.term_count());   // of items
  for (ItemIndex item = 0; item < items; ++item) {
    for (const Term& term : terms.row(item)) postings[term.number].push_back({item, term.weight});
  }
  std::vector<Found> result(items);
  SparseSums sums;
  for (ItemIndex item = 0; item < items; ++item) {
    sums.begin(items);
    for (const Term& term : terms.row(item)) {
      for (const Term& other : postings[term.number]) {
        sums.at(other.number) += static_cast<double>(term.weight) * other.weight;
      }
    }
    Found& found = result[item];
    for (const std::uint32_t other : sums.touched()) {
      if (other != item && sums.get(other) > 0) {
        found.emplace_back(other, static_cast<float>(sums.get(other)));
      }
    }
    std::ranges::sort(found, [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    if (found.size() > count) found.resize(count);
  }
  return result;
}

void normalize(std::span<float> vector) {
  double squares = 0;
  for (const float value : vector) squares += static_cast<double>(value) * value;
  if (!(squares > 0)) return;
  for (float& value : vector) value /= static_cast<float>(std::sqrt(squares));
}

/// Terms hashed into a few dimensions with signs, which keeps cosines on average.
UnitVectors hashed(const Terms& terms, std::size_t items) {
  UnitVectors vectors{kHashedDimensions, std::vector<float>(items * kHashedDimensions)};
  for (ItemIndex item = 0; item < items; ++item) {
    const auto vector = std::span(vectors.values).subspan(item * kHashedDimensions,
                                                          kHashedDimensions);
    for (const Term& term : terms.row(item)) {
      std::uint64_t hash = (term.number + 1) * 0x9e3779b97f4a7c15ULL;
      hash ^= hash >> 29;
      const float sign = (hash >> 40) % 2 == 0 ? 1.0F : -1.0F;
      vector[hash % kHashedDimensions] += sign * term.weight;
    }
    normalize(vector);
  }
  return vectors;
}

/// The embeddings of most items' length; other items get zeros.
UnitVectors embeddings(const SessionLog& log, const Catalogue& catalogue) {
  std::map<std::size_t, std::size_t> lengths;
  for (const CatalogueItem& item : catalogue) {
    if (!item.embedding.empty()) ++lengths[item.embedding.size()];
  }
  UnitVectors vectors;
  std::size_t most = 0;
  for (const auto& [length, count] : lengths) {
    if (count <= most) continue;
    most = count;
    vectors.dimension = length;
  }
  vectors.values.assign(log.item_count() * vectors.dimension, 0);
  for (ItemIndex item = 0; item < log.item_count() && vectors.dimension > 0; ++item) {
    const CatalogueItem* described = find_item(catalogue, log.item_ids[item]);
    if (described == nullptr || described->embedding.size() != vectors.dimension) continue;
    const auto vector = std::span(vectors.values).subspan(item * vectors.dimension,
                                                          vectors.dimension);
    std::ranges::copy(described->embedding, vector.begin());
    normalize(vector);
  }
  return vectors;
}

}  // namespace

std::unique_ptr<Recommender> train_content(const SessionLog& log, const Catalogue& catalogue,
                                           const ModelParams& params) {
  const ContentParams& own = params.content;
  const std::size_t items = log.item_count();
  const std::size_t kept = params.related.kept;
  const Terms terms(log, catalogue, own);
  const std::vector<Found> by_terms = items <= own.exact_items
                                          ? nearest_by_terms(terms, items, kept)
                                          : nearest_of_all(hashed(terms, items), kept, 0);
  const std::vector<Found> by_embedding =
      nearest_of_all(embeddings(log, catalogue), kept, own.exact_items);
  RelatedModel::Lists lists;
  std::vector<RelatedItem> list;
  for (ItemIndex item = 0; item < items; ++item) {
    list.clear();
    std::map<ItemIndex, double> both;
    const double share = by_embedding.empty() ? 0 : own.embedding_share;
    for (const auto& [other, cosine] : by_terms[item]) both[other] += (1 - share) * cosine;
    if (!by_embedding.empty()) {
      for (const auto& [other, cosine] : by_embedding[item]) both[other] += share * cosine;
    }
    for (const auto& [other, weight] : both) {
      if (weight > 0) list.push_back({.item = other, .weight = static_cast<float>(weight)});
    }
    lists.add(list, kept);
  }
  return std::make_unique<RelatedModel>(Algorithm::content, params.related, std::move(lists));
}

}  // namespace attune::learn
