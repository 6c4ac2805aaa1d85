// Ways to part a site's visits into what models learn from and what they are asked afterwards. All
// logs of a split number items as the whole log does, so that one list of questions suits every
// model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "learn/session_log.h"

namespace attune::learn {

enum class Protocol : std::uint8_t {
  next_item,      // newest visits: items 1..t are shown, item t + 1 is wanted
  leave_one_out,  // each person's last item is wanted, all before it is shown
  time,           // people who come back: what they took before is shown, what they take anew after
                  // is wanted
  strong,         // people nobody learned from: four fifths of their items are shown, the rest is
                  // wanted (Liang et al. 2018)
};

/// "next-item", "leave-one-out", "time", "strong".
std::string_view to_string(Protocol protocol);
/// Errors   invalid_argument: none of these.
[[nodiscard]] Result<Protocol> parse_protocol(std::string_view name);
/// One sentence for people.
std::string_view meaning_of(Protocol protocol);

/// Whether questions are about people, without a visit; models of visits cannot answer then.
inline bool asks_of_people(Protocol protocol) {
  return protocol == Protocol::time || protocol == Protocol::strong;
}

/// Below this many people who came back, strategies that know people are judged by visits, as all.
inline constexpr std::size_t kPeopleMin = 50;

/// One question and its answer.
struct Case {
  std::uint32_t unit = 0;          // the visit or person: what a bootstrap draws
  std::vector<ItemIndex> visit;    // of the query, oldest first
  std::vector<ItemIndex> history;
  std::vector<ItemIndex> next;     // wanted first, ascending; of hit rate, MRR and NDCG
  std::vector<ItemIndex> rest;     // all that is wanted; of precision, recall and MAP
};

struct Split {
  SessionLog train;
  std::vector<Case> cases;   // those of a unit beside each other
  std::size_t units = 0;
};

struct SplitOptions {
  std::size_t cases_max = 20'000;   // of more, every so manieth visit or person is asked
  std::size_t people_max = 1000;    // strong: held out, at most half of all
  std::size_t history_max = 200;    // newest items of a person that are shown
  std::uint64_t seed = 1;           // strong: of who is held out, and of what is hidden
};

/// What nobody in `train` took is not wanted.
///
/// log      at least one visit; with people, else each visit counts as one.
/// Errors   failed_precondition: nothing can be asked; says what the log lacks.
[[nodiscard]] Result<Split> split_visits(const SessionLog& log, Protocol protocol,
                                         const SplitOptions& options = {});

}  // namespace attune::learn
