// The routes of forecasts beside an account's tables; part of campaign_routes.
#pragma once

#include <vector>

#include "campaign/advice_store.h"
#include "serve/routes.h"

namespace attune::serve {

std::vector<Route> advice_routes(ApiContext& api);
std::vector<Route> budget_routes(ApiContext& api);
std::vector<Route> send_time_routes(ApiContext& api);

using DeskWork = Result<Response> (*)(const campaign::Desk&, const Call&);
/// A route on the rows of an account: with a session, as the account of the call.
Route desk_row(ApiContext& api, Method method, std::string_view pattern, std::string_view name,
               DeskWork work, std::string_view summary, std::string_view response);

}  // namespace attune::serve
