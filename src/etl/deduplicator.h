// Remembers client-supplied event ids for about a day of arrival time, in bounded memory, and says
// which come again (docs/etl.md, section 12). What it remembers is a function of the journal. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "base/uuid.h"
#include "etl/settings.h"

namespace attune::etl {

class Deduplicator {
 public:
  /// A run of ids that are let go together.
  struct Bucket {
    std::uint64_t first_position = 0;   // ids of records from here on, up to the next bucket's
    std::int64_t hour = 0;              // of arrival
    std::size_t count = 0;
    bool operator==(const Bucket&) const = default;
  };

  /// settings   must outlive this.
  /// hash_seed  any; a random one keeps clients from choosing ids that collide in the table.
  Deduplicator(const Settings& settings, std::uint64_t hash_seed);

  /// Moves the arrival clock: of every event record, before add().
  void arrive(std::int64_t received_ms);

  /// Remembers the id.
  /// Returns  false: it was there already, nothing changed but, perhaps, the buckets.
  [[nodiscard]] bool add(const Uuid& site, const Uuid& event_id, std::uint64_t position);

  const std::deque<Bucket>& buckets() const { return buckets_; }
  std::int64_t arrival_ms() const { return arrival_ms_; }
  std::size_t count() const { return count_; }
  std::uint64_t given_up() const { return given_up_; }

  // Rebuilding after a restart: buckets in order, then the ids by ascending position.
  void restore(std::int64_t arrival_ms, std::uint64_t given_up, std::deque<Bucket> buckets);
  void restore_id(const Uuid& site, const Uuid& event_id, std::uint64_t position);

 private:
  struct Slot {
    Uuid key;
    std::uint32_t bucket = 0;   // sequence number + 1; 0: free
  };

  bool insert(const Uuid& site, const Uuid& event_id, std::uint32_t bucket);
  void begin_bucket_if_due(std::uint64_t position);
  void let_go();
  void forget_first();
  void rebuild(std::size_t capacity);

  const Settings& settings_;
  const std::uint64_t hash_seed_;
  std::deque<Bucket> buckets_;
  std::uint32_t first_bucket_ = 1;       // sequence number of buckets_.front()
  std::vector<Slot> slots_;              // open addressing, a power of two
  std::size_t count_ = 0;                // ids remembered
  std::size_t used_ = 0;                 // slots taken, ids of forgotten buckets included
  std::size_t restoring_ = 0;            // bucket that restore_id is filling
  std::int64_t arrival_ms_ = 0;
  std::uint64_t given_up_ = 0;
};

}  // namespace attune::etl
