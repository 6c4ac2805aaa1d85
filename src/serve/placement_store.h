// Placements and rules as JSON and in the store: read strictly, every complaint naming its field.
// docs/placements.md describes the fields.
#pragma once

#include <memory>
#include <string>

#include <boost/json/fwd.hpp>

#include "base/result.h"
#include "decide/placement.h"
#include "event/site_directory.h"
#include "store/store.h"

namespace attune::serve {

inline constexpr std::size_t kPlacementsMax = 100;
inline constexpr std::size_t kRulesMax = 500;

/// prefix   before field names in errors.
/// Errors   invalid_argument, with the field.
[[nodiscard]] Result<decide::Placement> read_placement(const boost::json::value& value,
                                                       std::string name, std::string prefix = {});
[[nodiscard]] Result<decide::Rule> read_rule(const boost::json::value& value, const Uuid& site,
                                             std::string id, std::string prefix = {});

/// A name of a placement: 1 to 100 letters, digits, '_', '-', '.'.
/// Errors   invalid_argument (field "name").
[[nodiscard]] Result<void> check_placement_name(std::string_view name);

/// Everything the owner of a site has said.
/// Errors   as store::Session::query; data_loss: what is stored cannot be read.
[[nodiscard]] Result<std::shared_ptr<const decide::SiteRules>> load_site_rules(
    store::Session& session, const event::Site& site);

}  // namespace attune::serve
