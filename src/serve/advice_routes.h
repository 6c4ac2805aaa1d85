// The routes of forecasts beside an account's tables; part of campaign_routes.
#pragma once

#include <vector>

#include "serve/routes.h"

namespace attune::serve {

std::vector<Route> advice_routes(ApiContext& api);

}  // namespace attune::serve
