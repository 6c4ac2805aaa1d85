// A batch in which one event is not JSON (a cut character, a number of 65 bits): what is left when
// each event is judged by itself.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace attune::collect {

/// Where the elements of a body's list of events lie: of the body itself when it is an array, else
/// of the array that is the member "events" of an object. By brackets, braces and quotes alone,
/// without judging what is between them.
///
/// count_max  stops behind so many elements.
/// Returns    byte offsets [begin, end) in order; empty when the body is no such list, or when its
///            brackets do not close: half a list has no end that could be trusted.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};
std::vector<Span> event_spans(std::string_view body, std::size_t count_max);

/// The body with `null` in place of the elements named, so that it can be read as a whole.
std::string without(std::string_view body, const std::vector<Span>& broken);

}  // namespace attune::collect
