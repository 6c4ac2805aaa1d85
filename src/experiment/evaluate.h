// What a flag is for a person, and which variation of a test they see: GrowthBook's evaluation
// (specification 0.8.0) over its own JSON, so that a payload means the same here and in every SDK.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attune::experiment {

/// What is published to clients.
struct Payload {
  boost::json::object features;            // by key
  boost::json::object saved_groups;        // id: list
  boost::json::object contextual_bandits;  // id: {banditVersion, contexts}
};

/// Who asks, and where they are.
struct Asker {
  boost::json::object attributes;
  std::string url;                            // of the page, or empty
  boost::json::object forced_variations;      // test: number
  boost::json::object forced_features;        // flag: value
  bool enabled = true;                        // false: nobody is in a test
  bool qa_mode = false;                       // only forced variations
  std::optional<boost::json::object> sticky;  // "attribute||value": document; nothing: not sticky
};

/// What became of a person in a test. Names are those of the JSON.
struct Assignment {
  std::string key;               // of the variation
  std::string name;              // of the variation, or empty
  std::string feature_id;        // that the test is a rule of, or empty
  bool in_experiment = false;
  bool hash_used = false;        // by chance, so it counts; false: forced
  bool sticky_used = false;
  bool passthrough = false;      // in the test (a holdout, say), but the flag's next rules decide
  int variation = 0;
  boost::json::value value;
  std::string hash_attribute;
  boost::json::value hash_value;
  std::optional<double> bucket;
  std::optional<boost::json::object> bandit;  // leafId, variationWeights, banditVersion

  boost::json::object to_json() const;
};

struct FeatureResult {
  boost::json::value value;
  /// unknownFeature, defaultValue, force, override, experiment, prerequisite or cyclicPrerequisite
  std::string source;
  std::string rule_id;
  std::optional<Assignment> assignment;   // of a test: source "experiment"
  std::string test_key;                   // of that test
  const boost::json::object* rule = nullptr;         // of the payload, which splits by the test
  std::optional<boost::json::object> contextual;     // instead, when its weights go by context

  /// The test as SDKs report it; nothing when the value is of no test. Made when somebody asks:
  /// copying a rule costs more than deciding by it. The payload must still live.
  std::optional<boost::json::object> experiment() const;
  boost::json::object to_json() const;
};

/// One person's view of one payload. Both must outlive it.
/// Threads: one at a time.
class Evaluator {
 public:
  Evaluator(const Payload& payload, const Asker& asker);

  FeatureResult feature(std::string_view key);
  /// experiment   {"key", "variations", ...} as in a payload.
  Assignment run(const boost::json::object& experiment, std::string_view feature_id = {});
  /// Every test that somebody was assigned to by chance, in order: what a server has to journal.
  const std::vector<Assignment>& exposures() const { return exposures_; }
  const std::vector<std::string>& exposed_tests() const { return exposed_tests_; }
  /// The sticky documents with what was added.
  const boost::json::object& sticky() const { return sticky_; }

 private:
  struct HashValue {
    std::string attribute;
    boost::json::value value;   // "" when there is none
    std::string text;           // empty when there is none
  };
  struct Sticky {
    int variation = -1;
    bool is_blocked = false;
  };
  enum class Gate { open, closed, blocks, cyclic };
  /// A test of its own, or a flag's rule, which has no key when it is the flag's, and whose
  /// prerequisites hold already.
  struct Split {
    const boost::json::object& object;
    std::string key;
    bool is_rule = false;
  };

  HashValue hash_value(std::string_view attribute, std::string_view fallback) const;
  Assignment assignment(const boost::json::object& experiment, int variation, bool hash_used,
                        std::string_view feature_id, std::optional<double> bucket,
                        bool sticky_used) const;
  bool is_filtered_out(const boost::json::array& filters) const;
  bool in_rollout(const boost::json::object& rule, std::string_view key) const;
  bool condition_fits(const boost::json::object& rule) const;
  Gate prerequisites(const boost::json::object& rule);
  Assignment run(const Split& split, std::string_view feature_id);
  bool is_target(const Split& split);
  Sticky find_sticky(const Split& split) const;
  void keep_sticky(const Split& split, const Assignment& made);
  boost::json::object by_context(const boost::json::object& rule, std::string_view key) const;
  std::optional<FeatureResult> rule_result(const boost::json::object& rule, std::string_view key);

  const Payload& payload_;
  const Asker& asker_;
  boost::json::object sticky_;
  std::vector<std::string> asked_;   // flags on the way to the present one
  std::vector<Assignment> exposures_;
  std::vector<std::string> exposed_tests_;
};

/// A redirect of a split URL test: the new address, with the parameters of the old one if wanted.
std::string redirect_target(std::string_view from, std::string_view to, bool keep_query);

/// Whether a page is among the targets of a test: [{"include": true, "type": "simple"|"regex",
/// "pattern": text}].
bool is_url_targeted(std::string_view url, const boost::json::array& targets);

}  // namespace attune::experiment
