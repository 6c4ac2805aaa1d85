// The policies behind Bandit, for bandit.cpp.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "learn/bandit.h"

namespace attune::learn {

/// options   checked.
std::unique_ptr<Bandit> make_policy(const BanditOptions& options);

std::unique_ptr<Bandit> make_beta(const BanditOptions& options);
std::unique_ptr<Bandit> make_lin_ucb(const BanditOptions& options);
std::unique_ptr<Bandit> make_logistic(const BanditOptions& options);

/// Every number of the context times every number of the features, appended.
inline void append_product(std::span<const float> context, std::span<const float> features,
                           std::vector<double>& out) {
  for (const float a : context) {
    for (const float b : features) out.push_back(static_cast<double>(a) * static_cast<double>(b));
  }
}

}  // namespace attune::learn
