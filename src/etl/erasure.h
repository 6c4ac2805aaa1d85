// Erased people: the list that keeps them away, and the taking away of their rows. The list holds
// hashes, so that it names nobody; who has an id can ask whether it is on it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/uuid.h"
#include "etl/settings.h"
#include "event/codec.h"
#include "store/store.h"

namespace attune::etl {

/// What an entry of the list keeps away.
enum class ErasedKind : std::uint8_t {
  site,        // every event of the site; the id is empty
  visitor,     // every event of the visitor
  anonymous,   // those of the visitor that carry no user: it was an erased user's alone
  user,        // every event of the user
};

std::string_view to_string(ErasedKind kind);

/// The list as it was when it was read; immutable, so any thread may ask.
class ErasedPeople {
 public:
  [[nodiscard]] static Result<std::shared_ptr<const ErasedPeople>> load(store::Session& session);

  bool contains(const event::EventView& event) const;
  /// Decisions carry no user.
  bool contains(const event::Decision& decision) const;
  /// Exposures name whoever was bucketed, a visitor or a user.
  bool contains(const event::Exposure& exposure) const;
  bool contains(const Uuid& site, ErasedKind kind, std::string_view id) const;

  /// Sites with an erasure that was begun and did not come to its end.
  const std::vector<std::string>& unfinished() const { return unfinished_; }

 private:
  std::unordered_set<Uuid> sites_;             // that have entries: all others need no hash
  std::unordered_set<std::string> hashes_;
  std::vector<std::string> unfinished_;
};

/// Tells the ETL to pass over what the list keeps away.
void keep_away(Settings& settings, std::shared_ptr<const ErasedPeople> people);

/// Who is to be erased, within one site.
struct ErasedIds {
  std::string site;                      // text of its UUID
  bool everything = false;               // the site as a whole
  std::vector<std::string> visitors;     // asked for
  std::vector<std::string> anonymous;    // of `users` alone
  std::vector<std::string> users;
};

/// Adds to `ids.anonymous` the visitors that were seen with its users and with nobody else.
[[nodiscard]] Result<void> find_linked(store::Session& session, ErasedIds& ids);

/// Puts them on the list; durable when this returns.
[[nodiscard]] Result<void> add_to_list(store::Session& session, const ErasedIds& ids,
                                       std::int64_t now_ms);
/// Notes that nothing of the site's erased is left.
[[nodiscard]] Result<void> finish_erasure(store::Session& session, const std::string& site,
                                          std::int64_t now_ms);

struct ErasedRows {
  std::string table;
  std::int64_t rows = 0;
};

/// Takes their rows out of every table, in one transaction; days of the site are put on the list of
/// those to compute again.
///
/// Returns  what was there, by table.
[[nodiscard]] Result<std::vector<ErasedRows>> erase_rows(store::Session& session,
                                                         const ErasedIds& ids);

}  // namespace attune::etl
