// Flags as rows and as JSON: what is stored of them, and which tests of a site they may refer to.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "experiment/flag_check.h"
#include "experiment/payload.h"
#include "store/store.h"

namespace attune::serve {

inline constexpr std::size_t kFlagsMax = 1000;   // of a site

struct StoredFlag {
  experiment::Flag flag;
  std::string description;
  bool archived = false;
  std::int64_t version = 1;
  std::int64_t created_ms = 0;
  std::int64_t updated_ms = 0;
  std::string updated_by;

  /// Whether clients get it.
  bool is_served() const { return flag.enabled && !archived; }
};

/// Tests of a site: all that flags may refer to, and those that run.
struct SiteTests {
  std::vector<experiment::KnownTest> known;
  std::vector<experiment::RunningTest> running;
};

/// Errors   as store::Session::query; data_loss: what is stored cannot be read.
[[nodiscard]] Result<std::vector<StoredFlag>> load_flags(store::Session& session,
                                                         const std::string& site);
/// site   whose tests; they are rows of accounts, so the session must act for nobody.
[[nodiscard]] Result<SiteTests> load_tests(store::Session& session, const std::string& site);
[[nodiscard]] Result<void> store_flag(store::Session& session, const std::string& site,
                                      const StoredFlag& flag);

/// A list of a site that conditions name: {"id": {"$inGroup": KEY}}.
struct SavedGroup {
  std::string key;
  std::string description;
  boost::json::array members;   // texts and numbers
  std::int64_t version = 0;     // 0: not stored yet
  std::int64_t created_ms = 0;
  std::int64_t updated_ms = 0;
  std::string updated_by;
};

/// By key. Errors  as load_flags.
[[nodiscard]] Result<std::vector<SavedGroup>> load_groups(store::Session& session,
                                                          const std::string& site);
/// Key and members, as payloads have them.
boost::json::object members_by_key(const std::vector<SavedGroup>& groups);

/// A client key of a site, besides its id and its public key; a row for the site's id says how
/// those two are answered.
struct SdkConnection {
  std::string client_key;
  std::string name;
  bool encrypted = false;
  std::string encryption_key;   // 16 bytes as base64
  std::int64_t version = 0;     // 0: not stored yet
  std::int64_t created_ms = 0;
  std::int64_t updated_ms = 0;
  std::string updated_by;
};

/// By key. Errors  as load_flags.
[[nodiscard]] Result<std::vector<SdkConnection>> load_connections(store::Session& session,
                                                                  const std::string& site);

/// Fields that are given over those of `flag`; a new one has its key alone.
/// Errors   invalid_argument with the field.
[[nodiscard]] Result<void> read_flag(const boost::json::value& body, StoredFlag& flag);
boost::json::object flag_json(const StoredFlag& flag);

}  // namespace attune::serve
