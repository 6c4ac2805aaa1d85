// Who took which items, from visits.
#pragma once

#include <vector>

#include "learn/preference_models.h"
#include "learn/session_log.h"

namespace attune::learn {

/// One row for each person of the log, in the order of their numbers; a log without people counts
/// each visit as one.
///
/// at_least    clicks that say less do not count.
/// items_max   of a person, the newest ones: what bounds the pairs that a person makes.
PreferenceMatrix person_items(const SessionLog& log, ClickKind at_least, std::size_t items_max);

/// The same pairs by item: row i holds the people who took item i.
PreferenceMatrix by_item(const PreferenceMatrix& taken);

/// The items that most people took, at most so many, each taken by somebody; ascending.
std::vector<ItemIndex> most_taken(const PreferenceMatrix& taken, std::size_t items_max);

/// The pairs with these items (ascending), numbered by their place; people with none of them are
/// left out.
PreferenceMatrix only_items(const PreferenceMatrix& taken, const std::vector<ItemIndex>& items);

}  // namespace attune::learn
