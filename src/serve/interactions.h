// Interactions between users and products that are named by number (users.id, product.id): the
// events that mean them, and the constraint that refuses the others. The embedded engine has no
// foreign keys, so both engines are asked here, and what does not fit is refused by the names that
// PostgreSQL has.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include <boost/json/array.hpp>

#include "collect/native.h"
#include "serve/routes.h"

namespace attune::serve {

/// Interactions as the collector takes them.
struct InteractionEvents {
  std::string json = "[";                 // the events of the good ones, in order
  std::map<std::size_t, Error> refused;   // the others by index
};

/// Reads interactions and looks up their users and products.
///
/// prefix   whether fields in errors say which element: "[3].user_id".
/// Errors   of the store.
/// Errors (in `refused`)
///   invalid_argument     a field breaks a rule
///   failed_precondition  the site has no such user or product; names the constraint
Result<InteractionEvents> interaction_events(store::Session& session, const event::Site& site,
                                             const boost::json::array& interactions, bool prefix);

/// Collects them; refused ones have their verdict in their place.
collect::Intake collect_interactions(const collect::NativeCollector& collector,
                                     const event::SiteSnapshot& sites,
                                     const collect::RequestContext& context,
                                     InteractionEvents events);

}  // namespace attune::serve
