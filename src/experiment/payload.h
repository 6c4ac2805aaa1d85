// What clients of a site are told: its flags and its running tests as GrowthBook's SDKs read them.
// Pure: rows in, JSON out, so that whoever publishes needs no database to be tested.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "experiment/evaluate.h"

namespace attune::experiment {

/// A flag as its owner defined it.
struct Flag {
  std::string key;
  std::string value_type;   // "boolean", "string", "number" or "json"
  boost::json::value default_value;
  /// GrowthBook's, each perhaps with "holdout": key; and {"test": key, "values": {variation id:
  /// value}}
  boost::json::array rules;
  bool enabled = true;        // false: the kill switch is thrown
};

struct TestArm {
  std::string id;
  std::string name;
  double traffic_percentage = 50;
  boost::json::object configuration;   // value, url, changes, factors
};

/// A running test. Arms in the order of bucketing: the control first.
struct RunningTest {
  std::string key;
  std::string name;
  std::string type;   // "Split URL" or another
  std::string seed;
  std::string hash_attribute;   // "visitor_id" is what SDKs call "id"
  int hash_version = 2;
  double coverage = 1;
  boost::json::object design;
  std::vector<TestArm> arms;
};

/// What a site publishes.
struct SitePayload {
  Payload payload;                  // features, for the server's own evaluation
  boost::json::array experiments;   // those that need no code: changes of a page, redirects
};

/// Each enabled flag, each running test that no flag refers to as a flag of its own, and tests that
/// change pages or redirect as experiments. A rule that refers to a test which does not run is left
/// out, so that the next rule or the default counts; so is a flag whose kill switch is thrown: the
/// code's own default counts, as in GrowthBook. Of the saved groups those that a condition names.
///
/// A test that keeps people out of other tests or of flags' rules has a feature of its own for
/// that, holdout_feature(key), whatever shows its variations.
///
/// groups  by key: lists.
SitePayload make_payload(std::span<const Flag> flags, std::span<const RunningTest> tests,
                         const boost::json::object& groups = {});

/// "$holdout:KEY": which variation of the test somebody has; null: they are not in it.
std::string holdout_feature(std::string_view key);
bool is_holdout_feature(std::string_view key);

/// The answer of GET features/CLIENT_KEY without dateUpdated: also what an ETag is made of.
boost::json::object payload_json(const SitePayload& site);

/// The same for who has the key (payload_cipher.h): "encryptedFeatures" and its like in place of
/// what they hold.
/// Errors  invalid_argument: a key that is none.
[[nodiscard]] Result<boost::json::object> encrypted_json(const boost::json::object& payload,
                                                         std::string_view key);

/// One person's view of a payload in the same shape, for clients that may not see the rules: each
/// flag a value, with what an SDK has to report when the flag is used.
boost::json::object evaluated_payload(const SitePayload& site, const Asker& asker);

}  // namespace attune::experiment
