// Whether a person's attributes fit a condition: MongoDB's query language as far as GrowthBook's
// SDKs know it, JavaScript's comparisons included.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace attune::experiment {

/// condition   {"country": {"$in": ["DE", "AT"]}, "$or": [...]}; an empty one fits everybody.
/// attributes  of the person; a path ("address.city") leads into objects. What is missing is null.
/// groups      saved lists by id, for $inGroup and $notInGroup.
/// Returns     false, too, for an operator nobody knows, for a pattern that is none, and for a
///             condition nested more than about 100 deep. Patterns are RE2's: what needs
///             backtracking (look-around, back-references) never fits.
bool fits(const boost::json::object& condition, const boost::json::object& attributes,
          const boost::json::object& groups);

/// Truth as JavaScript sees it: null, false, 0, NaN and "" are false.
bool is_truthy(const boost::json::value& value);

/// The text JavaScript would make of a value: what is hashed of an id that is a number.
std::string text_of(const boost::json::value& value);

/// A version ("v1.10.0-beta.2+build") as a text that sorts as versions do; "0" for none.
std::string sortable_version(std::string_view version);

}  // namespace attune::experiment
