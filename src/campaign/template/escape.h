// Values as text for one place in a page. Internal to the folder.
#pragma once

#include <string>
#include <string_view>

#include "campaign/template/html_place.h"

namespace attune::campaign::liquid {

/// UTF-8 without NUL and other controls; what is no UTF-8 becomes U+FFFD.
std::string clean_text(std::string_view text);
/// As clean_text, on one line: CR, LF, tab and U+2028, U+2029 become spaces.
std::string clean_line(std::string_view text);
std::string escape_html(std::string_view text);
/// Everything but letters, digits and -._~ as %XX.
std::string encode_url(std::string_view text);
/// `text` for a place.
///
/// is_url_encoded  `url_encode` was applied: percents stay.
/// Returns         "" for a place that refuses; "#" for a URL whose scheme is not allowed.
std::string escape_for(HtmlPlace::Escape place, std::string_view text, bool is_url_encoded);

}  // namespace attune::campaign::liquid
