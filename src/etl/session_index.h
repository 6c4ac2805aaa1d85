// Which session an event belongs to, which sessions are closed, and which may be forgotten: the
// part of the ETL that is decided in journal order (docs/etl.md, sections 3, 4 and 12). It knows of
// each retained session only a key, two hashes, and its first and last time; what rows say is
// SessionRow's. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/uuid.h"
#include "etl/session_names.h"
#include "etl/session_row.h"
#include "etl/settings.h"
#include "event/codec.h"

namespace attune::etl {

/// Where a session's row lies in the tables, as of the last commit.
enum class Stored : std::uint8_t { nowhere, hot, cold };

using SessionIndexNumber = std::uint32_t;
inline constexpr SessionIndexNumber kNoSession = 0xffffffff;
/// An event without a session id looks at so many of its visitor's sessions, the latest begun: a
/// visitor id that a shop's server gives to everybody must not make each event walk through
/// everybody's sessions.
inline constexpr int kVisitorSessionsMax = 64;
inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();

/// A retained session. About 100 bytes, so that two million fit beside everything else.
struct Session {
  std::uint64_t key = 0;
  std::uint64_t client_hash = 0;          // 0: named by the server
  std::uint64_t visitor_hash = 0;
  std::int64_t first_ms = 0;
  std::int64_t last_ms = 0;
  std::int64_t bucket = 0;                // of the list it stands in
  std::int64_t stored_first_ms = 0;       // session_start in the tables: bounds a delete
  std::uint32_t world = 0;
  SessionIndexNumber newer_of_visitor = kNoSession;   // begun later
  SessionIndexNumber older_of_visitor = kNoSession;
  Stored stored = Stored::nowhere;
  bool in_open_list = false;
  bool dropped = false;                   // no longer found; freed by release_dropped()
  bool touched = false;                   // Transformer: stands in the batch's list
  bool wants_pages = false;               // Transformer: an event may lie between pages
  std::unique_ptr<SessionRow> row;        // a cache
};

struct World {
  Uuid site;
  std::uint32_t stream = 0;
  std::int64_t watermark_ms = kNever;
  std::int64_t floor_ms = kNever;
  bool ended = false;

  bool live() const { return stream == 0; }
};

/// Why an event that reached the world is not counted, or that it is.
enum class Placing : std::uint8_t { counted, late };

struct Placed {
  Placing placing = Placing::counted;
  SessionIndexNumber session = kNoSession;
  bool begun = false;
  bool named_with_key = false;            // of a session that was begun
  std::int64_t first_before_ms = 0;       // of a session that was there: its first and last event
  std::int64_t last_before_ms = 0;        // before this one
};

class SessionIndex {
 public:
  /// settings   must outlive the index.
  /// hash_seed  any; a random one keeps clients from choosing ids that collide.
  SessionIndex(const Settings& settings, std::uint64_t hash_seed);
  ~SessionIndex();

  /// The number of a (site, stream), which is made when it is new.
  std::uint32_t world_number(const Uuid& site, std::uint32_t stream);
  const World& world(std::uint32_t number) const { return worlds_[number]->world; }
  std::size_t world_count() const { return worlds_.size(); }

  /// Moves the world's watermark and finds or begins the event's session. The world must not have
  /// ended.
  Placed place(std::uint32_t world, const event::EventView& event, std::uint64_t position);

  void tick(std::int64_t received_ms);
  void end_import(std::uint32_t world);

  /// Takes all sessions that are closed by now off the open lists.
  /// Returns  those whose row is still in the hot table (or nowhere), to be moved.
  std::vector<SessionIndexNumber> take_closed();

  /// The open sessions whose row is in the hot tables, the `max` of them with the latest events;
  /// those with the oldest first.
  std::vector<SessionIndexNumber> latest_open(std::size_t max);

  Session& at(SessionIndexNumber number) { return blocks_[number / kBlock][number % kBlock]; }

  /// Numbers of the worlds whose clocks or floors moved since the last call.
  std::vector<std::uint32_t> take_changed_worlds();

  /// Frees what was dropped; numbers of dropped sessions are invalid afterwards.
  void release_dropped();

  std::uint64_t given_up() const { return given_up_; }
  std::size_t retained() const { return retained_; }
  std::int64_t tick_ms() const { return tick_ms_; }
  std::uint64_t names_from() const { return names_.oldest_key(); }

  /// The least time at which a tick would close a live session; nullopt: none is open.
  std::optional<std::int64_t> next_close_ms() const;

  /// The least watermark of a live world; kNever: there is none.
  std::int64_t least_live_watermark_ms() const;

  /// A session is addressable when its last event is at or after this (section 3).
  std::int64_t addressable_from(const World& world) const;
  /// It is retained when its last event is at or after this, a whole minute (section 12).
  std::int64_t retained_from(const World& world) const;

  // Rebuilding after a restart, in this order: worlds, tick, counts; then sessions by ascending
  // key; names.
  void restore_world(const World& world);
  void restore_tick(std::int64_t tick_ms) { tick_ms_ = tick_ms; }
  void restore_given_up(std::uint64_t count) { given_up_ = count; }
  void restore_session(std::uint32_t world, std::uint64_t key, std::string_view session_id,
                       std::string_view visitor_id, std::int64_t first_ms, std::int64_t last_ms,
                       Stored stored);
  void restore_name(std::uint32_t world, std::string_view session_id, std::uint64_t key);

 private:
  struct Reference {
    SessionIndexNumber number;
    std::uint64_t key;
  };
  using Buckets = std::map<std::int64_t, std::vector<Reference>>;
  struct WorldState {
    World world;
    std::uint64_t seed = 0;
    bool changed = false;
    std::size_t retained = 0;
    Buckets open;      // by second of the last event, as of when it was put there
    Buckets closed;    // by minute
  };
  static constexpr std::size_t kBlock = 4096;

  std::int64_t closing_ms(const WorldState& state) const;
  bool is_closed(const WorldState& state, const Session& session) const;
  bool stands_in(const Reference& reference, std::int64_t bucket, bool open);
  SessionIndexNumber find_named(const WorldState& state, std::uint64_t client_hash);
  SessionIndexNumber find_of_visitor(const WorldState& state, std::uint64_t visitor_hash,
                                     std::int64_t time_ms);
  SessionIndexNumber begin(WorldState& state, std::uint32_t world, std::uint64_t key,
                           std::uint64_t client_hash, std::uint64_t visitor_hash,
                           std::int64_t time_ms);
  void list_open(WorldState& state, SessionIndexNumber number);
  void list_closed(WorldState& state, SessionIndexNumber number);
  void drop_unretained(WorldState& state);
  void drop_before(WorldState& state, Buckets& buckets, std::int64_t bucket_ms,
                   std::int64_t from_ms);
  void drop(WorldState& state, SessionIndexNumber number);
  void unlink(SessionIndexNumber number);
  void give_up_oldest();
  std::optional<std::int64_t> least_minute(WorldState& state);

  const Settings& settings_;
  const std::uint64_t hash_seed_;
  std::vector<std::unique_ptr<WorldState>> worlds_;
  std::map<std::pair<Uuid, std::uint32_t>, std::uint32_t> world_numbers_;
  std::vector<std::unique_ptr<Session[]>> blocks_;
  std::vector<SessionIndexNumber> free_;
  std::vector<SessionIndexNumber> dropped_;
  std::size_t used_ = 0;                    // numbers handed out so far
  boost::unordered_flat_map<std::uint64_t, SessionIndexNumber> by_client_;
  boost::unordered_flat_map<std::uint64_t, SessionIndexNumber> by_visitor_;   // newest first
  SessionNames names_;
  std::int64_t tick_ms_ = kNever;
  std::size_t retained_ = 0;
  std::uint64_t given_up_ = 0;
};

}  // namespace attune::etl
