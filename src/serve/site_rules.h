// What the fields of a site may be.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "event/site_directory.h"
#include "serve/control_plane.h"

namespace attune::serve {

/// "https://www.Shop.example/" is "shop.example": without scheme, path, "www." and capitals.
/// Errors  invalid_argument (field "domain"): not a host name or address.
[[nodiscard]] Result<std::string> clean_domain(std::string_view text);

/// An origin a page may have: "https://shop.example", "shop.example", "*.shop.example", with a port
/// or without. Errors  invalid_argument (field "allowed_origins").
[[nodiscard]] Result<std::string> clean_origin(std::string_view text);

/// Puts what `change` gives into `site`. Errors  invalid_argument with the field.
[[nodiscard]] Result<void> apply_change(event::Site& site, const SiteChange& change);

}  // namespace attune::serve
