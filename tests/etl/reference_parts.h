// The parts of the reference, one for each idea of docs/etl.md: which session an event belongs to,
// and what the tables say of events, sessions, recommendations and days.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "etl/reference.h"
#include "event/codec.h"

namespace attune::etl::reference {

using event::Event;
using event::Kind;

constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::min() / 4;

/// An event record. Sorts in event order (section 1).
struct Fact {
  std::uint64_t position = 0;
  Event event;
  bool operator<(const Fact& other) const;
};

/// A session with all its events, in journal order.
struct Visit {
  std::uint64_t key = 0;
  Uuid site;
  std::uint32_t stream = 0;
  std::string client;   // the id a client gave it; empty: none
  std::string name;     // session_id
  std::string visitor;
  std::vector<Fact> facts = {};
  std::int64_t first() const;   // ms
  std::int64_t last() const;
};

/// Sections 2 to 4 and 12: which events count, and in which session.
class Placing {
 public:
  explicit Placing(const Settings& settings) : settings_(settings) {}

  struct Place {
    bool is_logged = false;         // has a row of events_log
    bool is_late = false;
    const Visit* visit = nullptr;   // null: not counted
  };
  /// To be called in journal order.
  Place place(const Fact& fact);
  void end(const event::ImportEnd& import);
  void tick(std::int64_t received_ms);

  const std::deque<Visit>& visits() const { return visits_; }
  bool is_closed(const Visit& visit) const;

 private:
  struct World {
    std::int64_t watermark = kFar;
    std::int64_t floor = kFar;
    bool ended = false;
  };
  using WorldKey = std::pair<Uuid, std::uint32_t>;
  struct Bucket {
    std::int64_t hour;
    std::set<std::pair<Uuid, Uuid>> ids;
  };

  bool is_duplicate(const Fact& fact);
  std::int64_t reach(std::uint32_t stream, const World& world) const;
  std::int64_t late_limit(std::uint32_t stream, const World& world) const;
  bool is_retained(const Visit& visit) const;
  Visit* find(const Event& event, const World& world);
  Visit* begin(const Fact& fact);
  void give_up();

  const Settings& settings_;
  std::map<WorldKey, World> worlds_;
  std::deque<Visit> visits_;
  std::vector<Bucket> buckets_;
  std::int64_t tick_ = kFar;
  std::int64_t arrival_ = 0;
};

/// Section 7.
void write_log(TextTables& tables, const Fact& fact, const std::string& session, bool is_late);
/// Sections 8 and 9. To be called in journal order: a person or product is as the first event said.
void write_facts(TextTables& tables, const Fact& fact, const Visit& visit);
/// Sections 5 and 6.
void write_visit(TextTables& tables, const Visit& visit, bool is_closed);
/// Section 10, from decisions with their positions.
void write_recommendations(TextTables& tables,
                           const std::vector<std::pair<std::uint64_t, event::Decision>>& decisions,
                           const std::deque<Visit>& visits, const Settings& settings);
/// Section 11, from the tables and the days on which something was counted.
void write_days(TextTables& tables, const std::deque<Visit>& visits,
                const event::SiteDirectory& sites);

// ---- how a value reads in a table

inline std::string text(std::int64_t number) { return std::to_string(number); }
inline std::string text(std::uint64_t number) { return std::to_string(number); }
inline std::string yes(bool value) { return value ? "true" : "false"; }
inline std::string or_null(const std::string& text) { return text.empty() ? "null" : text; }
inline std::string number_or_null(std::int64_t number, std::int64_t absent) {
  return number == absent ? "null" : text(number);
}
std::string decimal(double value, int scale);

}  // namespace attune::etl::reference
