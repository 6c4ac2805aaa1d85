// Visits as sequences of items: what session models are trained on and measured with. Items are
// numbered densely in the order of their ids, so that "ties by item id" is "ties by number".
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace attune::learn {

/// Number of an item within one SessionLog or one model; 0 .. item_count - 1.
using ItemIndex = std::uint32_t;
inline constexpr ItemIndex kNoItem = 0xffffffffU;

/// What a visitor did with an item, by how much it says. Values are on disk: never renumber.
enum class ClickKind : std::uint8_t { view = 0, click = 1, cart = 2, wishlist = 3, purchase = 4 };

/// All visits of a site or file. Immutable after build; safe to read from any thread.
struct SessionLog {
  std::vector<std::string> item_ids;     // ascending bytes, unique; position = ItemIndex
  std::vector<ItemIndex> items;          // visit after visit, within one the oldest first
  std::vector<std::int64_t> times_ms;    // beside `items`
  std::vector<std::uint32_t> begins{0};  // visit v is items[begins[v] .. begins[v + 1])
  std::vector<ClickKind> kinds;          // beside `items`; empty: nothing but views
  std::vector<std::uint32_t> people;     // beside the visits, who, from 0; empty: nobody twice

  std::size_t session_count() const { return begins.size() - 1; }
  std::size_t click_count() const { return items.size(); }
  std::size_t item_count() const { return item_ids.size(); }
  std::span<const ItemIndex> session(std::size_t v) const {
    return std::span(items).subspan(begins[v], begins[v + 1] - begins[v]);
  }
  std::int64_t begin_ms(std::size_t v) const { return times_ms[begins[v]]; }
  std::int64_t end_ms(std::size_t v) const { return times_ms[begins[v + 1] - 1]; }
  ClickKind kind(std::size_t click) const {
    return kinds.empty() ? ClickKind::view : kinds[click];
  }
  std::uint32_t person(std::size_t v) const {
    return people.empty() ? static_cast<std::uint32_t>(v) : people[v];
  }
  /// The number of an item, or kNoItem.
  ItemIndex find(std::string_view item_id) const;
};

struct SessionLogOptions {
  std::size_t session_items_min = 1;  // shorter visits are left out
  std::size_t item_clicks_min = 1;    // rarer items are left out, before visits are measured
  bool merge_repeats = false;         // a view, click and cart of one item in a row become one, of
                                      // the kind that says most
  bool newest_first = false;          // clicks were added in reverse: matters for equal times only
};

/// Collects clicks in any order; `build` sorts them.
class SessionLogBuilder {
 public:
  SessionLogBuilder() = default;
  SessionLogBuilder(SessionLogBuilder&&) = default;             // copies would point into the
  SessionLogBuilder& operator=(SessionLogBuilder&&) = default;  // other's names

  /// Adds one click. Texts are copied.
  ///
  /// person   whose visit it is, any number but 0; 0: not known. The first one of a visit counts.
  void add(std::string_view session_id, std::string_view item_id, std::int64_t time_ms,
           ClickKind kind = ClickKind::view, std::int64_t person = 0);
  std::size_t click_count() const { return clicks_.size(); }

  /// Visits ordered by end, ties by session id; clicks by time, ties in the order added.
  /// Errors   resource_exhausted: more than 2^32 - 2 clicks. The builder is empty afterwards.
  [[nodiscard]] Result<SessionLog> build(const SessionLogOptions& options = {});

 private:
  struct Click {
    std::uint32_t session;
    std::uint32_t item;
    std::int64_t packed;  // time and kind: 16 bytes a click, of which there may be many millions

    Click(std::uint32_t of_session, std::uint32_t of_item, std::int64_t time_ms, ClickKind kind)
        : session(of_session),
          item(of_item),
          packed(time_ms * 8 + static_cast<std::int64_t>(kind)) {}
    std::int64_t time_ms() const { return packed >> 3; }
    ClickKind kind() const { return static_cast<ClickKind>(packed & 7); }
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  struct Names {
    std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> numbers;
    std::vector<const std::string*> texts;  // map nodes do not move
    std::uint32_t number(std::string_view text);
  };
  std::vector<bool> frequent_items(std::size_t clicks_min) const;
  void merge_repeats();
  Names sessions_;
  Names items_;
  std::vector<Click> clicks_;
  std::vector<std::int64_t> people_;  // of the sessions, 0 where not known
};

/// Visits [begin, end) as a log of their own: items that occur in no visit of it are not in it.
SessionLog slice(const SessionLog& log, std::size_t begin, std::size_t end);

/// The visits with at least so many clicks; items keep their numbers.
SessionLog long_visits(const SessionLog& log, std::size_t items_min);

/// The same log with more items, of which it has no visit. `more` may name items it has.
SessionLog with_items(const SessionLog& log, const std::vector<std::string>& more);

/// Reads tab-separated `SessionId ItemId Time` with a header line; Time in unix seconds (a fraction
/// is allowed). This is the format of the bol.com and session-rec data sets.
///
/// Errors   not_found or unavailable: the file; invalid_argument: a bad line, with its number.
[[nodiscard]] Result<SessionLog> read_session_file(const std::string& path,
                                                   const SessionLogOptions& options = {});

}  // namespace attune::learn
