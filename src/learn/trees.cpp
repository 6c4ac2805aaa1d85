#include "learn/trees.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>

#include <boost/json.hpp>

#include "learn/bytes.h"

namespace attune::learn {
namespace {

namespace json = boost::json;

// Far above what training makes; with them no file makes sums overflow.
constexpr float kValueMax = 1e6F;
constexpr std::size_t kTreesMax = 10'000;

/// One tree of the JSON model.
struct JsonTree {
  const json::array& left;
  const json::array& right;
  const json::array& feature;
  const json::array& value;
  const json::array& missing_left;

  explicit JsonTree(const json::object& tree)
      : left(tree.at("left_children").as_array()),
        right(tree.at("right_children").as_array()),
        feature(tree.at("split_indices").as_array()),
        value(tree.at("split_conditions").as_array()),
        missing_left(tree.at("default_left").as_array()) {}
};

}  // namespace

Result<TreeEnsemble> TreeEnsemble::from_xgboost(std::string_view text) {
  TreeEnsemble made;
  try {  // Boost.JSON says by exceptions what is missing or of another kind
    const json::value model = json::parse(text);
    const json::object& learner = model.at("learner").as_object();
    made.base_ = std::strtof(
        learner.at("learner_model_param").at("base_score").as_string().c_str(), nullptr);
    for (const json::value& each :
         learner.at("gradient_booster").at("model").at("trees").as_array()) {
      const JsonTree tree(each.as_object());
      // Numbered anew, breadth first: XGBoost's own numbers have holes where it pruned.
      std::vector<std::size_t> nodes{0};
      const std::size_t root = made.features_.size();
      made.roots_.push_back(static_cast<std::uint32_t>(root));
      for (std::size_t n = 0; n < nodes.size() && n < tree.left.size(); ++n) {
        const std::size_t at = nodes[n];
        const auto left = tree.left.at(at).to_number<std::int64_t>();
        const bool is_leaf = left < 0;
        made.features_.push_back(
            is_leaf ? kLeaf : tree.feature.at(at).to_number<std::uint16_t>());
        made.values_.push_back(static_cast<float>(tree.value.at(at).to_number<double>()));
        made.missing_left_.push_back(tree.missing_left.at(at).to_number<std::int64_t>() != 0);
        const auto child = static_cast<std::uint32_t>(root + nodes.size());
        made.left_.push_back(is_leaf ? 0 : child);
        made.right_.push_back(is_leaf ? 0 : child + 1);
        if (is_leaf) continue;
        nodes.push_back(static_cast<std::size_t>(left));
        nodes.push_back(tree.right.at(at).to_number<std::size_t>());
      }
    }
  } catch (const std::exception& error) {
    return fail(ErrorCode::data_loss,
                std::string("this is no model of XGBoost's trees: ") + error.what());
  }
  if (!made.is_consistent(kLeaf)) {
    return fail(ErrorCode::data_loss, "the trees of the XGBoost model are not consistent");
  }
  return made;
}

bool TreeEnsemble::is_consistent(std::size_t feature_count) const {
  const std::size_t nodes = features_.size();
  if (values_.size() != nodes || left_.size() != nodes || right_.size() != nodes ||
      missing_left_.size() != nodes || roots_.size() > kTreesMax || !std::isfinite(base_)) {
    return false;
  }
  for (std::size_t n = 0; n < nodes; ++n) {
    if (!(std::abs(values_[n]) <= kValueMax)) return false;
    if (features_[n] == kLeaf) continue;
    const bool leads_on = left_[n] > n && left_[n] < nodes && right_[n] > n && right_[n] < nodes;
    if (features_[n] >= feature_count || !leads_on) return false;
  }
  return std::abs(base_) <= kValueMax &&
         std::all_of(roots_.begin(), roots_.end(),
                     [&](std::uint32_t root) { return root < nodes; });
}

Result<TreeEnsemble> TreeEnsemble::read(ByteReader& in, std::size_t feature_count) {
  TreeEnsemble made;
  made.base_ = in.number<float>();
  made.roots_ = in.numbers<std::uint32_t>();
  made.features_ = in.numbers<std::uint16_t>();
  made.values_ = in.numbers<float>();
  made.left_ = in.numbers<std::uint32_t>();
  made.right_ = in.numbers<std::uint32_t>();
  made.missing_left_ = in.numbers<std::uint8_t>();
  if (!in.ok() || !made.is_consistent(feature_count)) {
    return fail(ErrorCode::data_loss, "the trees of the artefact are not consistent");
  }
  return made;
}

void TreeEnsemble::write(ByteWriter& out) const {
  out.number(base_);
  out.numbers(roots_);
  out.numbers(features_);
  out.numbers(values_);
  out.numbers(left_);
  out.numbers(right_);
  out.numbers(missing_left_);
}

float TreeEnsemble::score(std::span<const float> features) const {
  float sum = base_;
  for (std::uint32_t node : roots_) {
    while (features_[node] != kLeaf) {
      const float value = features[features_[node]];
      const bool goes_left =
          std::isnan(value) ? missing_left_[node] != 0 : value < values_[node];
      node = goes_left ? left_[node] : right_[node];
    }
    sum += values_[node];
  }
  return sum;
}

std::size_t TreeEnsemble::feature_count() const {
  std::size_t count = 0;
  for (const std::uint16_t feature : features_) {
    if (feature != kLeaf) count = std::max<std::size_t>(count, feature + 1U);
  }
  return count;
}

}  // namespace attune::learn
