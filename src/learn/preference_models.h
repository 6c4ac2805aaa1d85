// What a person will like from what all people took: EASE (Steck, "Embarrassingly shallow
// autoencoders for sparse data", 2019) and implicit ALS (Hu, Koren, Volinsky 2008, in the form of
// Rendle, Krichene, Zhang, Koren, "Revisiting the performance of iALS", 2021, with their block
// solver iALS++). A model knows items only: a person is the items they took, so one who came
// a moment ago is served like all others.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "learn/session_log.h"

namespace attune::learn {

/// Who took what, once each.
struct PreferenceMatrix {
  std::uint32_t item_count = 0;
  std::vector<std::uint32_t> begins{0};  // person u is items[begins[u] .. begins[u + 1])
  std::vector<ItemIndex> items;          // ascending within a person

  std::size_t user_count() const { return begins.size() - 1; }
  std::span<const ItemIndex> row(std::size_t user) const {
    return std::span(items).subspan(begins[user], begins[user + 1] - begins[user]);
  }
  /// Adds a person; repeated items count once, those from item_count on are left out.
  void add(std::vector<ItemIndex> taken);
};

class PreferenceModel {
 public:
  virtual ~PreferenceModel() = default;
  virtual std::uint32_t item_count() const = 0;
  /// A score of every item for who took `history`; higher is better. Safe from any thread.
  ///
  /// history  numbers below item_count(), no repeats. scores  item_count() long; overwritten.
  virtual void score(std::span<const ItemIndex> history, std::span<float> scores) const = 0;
};

/// Counts of people: the same answer for all.
std::unique_ptr<PreferenceModel> count_popularity(const PreferenceMatrix& taken);

struct EaseParams {
  double lambda = 500;               // ridge; larger for denser data
  std::uint32_t items_max = 12'000;  // 4 bytes times its square in memory, twice while training
  unsigned threads = 2;
};

/// B = I - P diag(1 / P_jj) with P = (X'X + lambda I)^-1; scores are the sum of the history's rows.
///
/// Errors   invalid_argument: a parameter; resource_exhausted: more than items_max items.
[[nodiscard]] Result<std::unique_ptr<PreferenceModel>> train_ease(const PreferenceMatrix& taken,
                                                                  const EaseParams& params);

struct IalsParams {
  std::uint32_t factors = 64;
  std::uint32_t epochs = 16;
  double unobserved = 1;     // alpha_0: weight of a pair that was not observed
  double lambda = 0.003;     // times (own count + alpha_0 * others' number) ^ nu
  double nu = 1;
  double deviation = 0.1;    // of the first factors, divided by sqrt(factors)
  std::uint32_t block = 128; // factors that are solved at once
  std::uint64_t seed = 1;
  unsigned threads = 2;      // the result does not depend on it
};

/// Minimizes  sum over observed (s - 1)^2 + alpha_0 * sum over all s^2 + weighted ridge, with
/// s = w_u h_i.
/// A person's factors are found by one solve at serving time (fold-in).
///
/// Errors   invalid_argument: a parameter.
[[nodiscard]] Result<std::unique_ptr<PreferenceModel>> train_ials(const PreferenceMatrix& taken,
                                                                  const IalsParams& params);

/// What serving needs of a trained iALS: the factors of one item after those of another.
struct ItemFactors {
  std::uint32_t factors = 1;
  std::vector<float> values;  // finite

  std::size_t item_count() const { return values.size() / factors; }
  std::span<const float> of(ItemIndex item) const {
    return std::span(values).subspan(std::size_t{item} * factors, factors);
  }
};

/// Errors   invalid_argument: a parameter.
[[nodiscard]] Result<ItemFactors> train_item_factors(const PreferenceMatrix& taken,
                                                     const IalsParams& params);

/// The model that has these factors; what is the same in every person's fold-in is worked out here.
std::unique_ptr<PreferenceModel> make_ials(std::shared_ptr<const ItemFactors> items,
                                           const IalsParams& params);

}  // namespace attune::learn
