// A test of send times, drafted from the hours at which a site is busy.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "campaign/send_time.h"
#include "serve/account_json.h"
#include "serve/advice_routes.h"
#include "serve/json_fields.h"

namespace attune::serve {
namespace {

namespace json = boost::json;
using campaign::SendTimeTest;

constexpr std::size_t kBodyBytesMax = 16 * 1024;
constexpr std::size_t kTextBytesMax = 255;

/// {"hours": [8, 18]}: one to four beginnings, none of them the current hour.
void read_hours(JsonFields& fields, SendTimeTest& wanted) {
  const json::value* given = fields.optional_value("hours");
  if (given == nullptr) return;
  const json::array* list = given->if_array();
  bool good = list != nullptr && !list->empty() && list->size() <= 4;
  for (std::size_t i = 0; good && i < list->size(); ++i) {
    json::error_code problem;
    const auto hour = (*list)[i].to_number<int>(problem);
    good = !problem && hour >= 0 && hour < campaign::kHours && hour != wanted.windows.current &&
           std::ranges::find(wanted.hours, hour) == wanted.hours.end();
    if (good) wanted.hours.push_back(hour);
  }
  if (!good) {
    fields.refuse("hours", "must be 1 to 4 different hours, 0 to 23, without the current one");
  }
}

Result<SendTimeTest> read_test(const ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  SendTimeTest wanted;
  wanted.name = fields.text("name", kTextBytesMax);
  const std::string site = fields.text("site", kTextBytesMax);
  const auto hour = fields.optional_whole("current_hour", 0, 23);
  if (!hour) fields.refuse("current_hour", "is required: the hour at which you send now, 0 to 23");
  const auto whole = [&](std::string_view name, int low, int high, int otherwise) {
    return static_cast<int>(fields.optional_whole(name, low, high).value_or(otherwise));
  };
  wanted.windows.current = static_cast<int>(hour.value_or(0));
  wanted.windows.length = whole("window_hours", 1, 6, 2);
  wanted.windows.challengers = whole("variations", 1, 4, 2);
  wanted.windows.earliest = whole("earliest", 0, 23, 7);
  wanted.windows.latest = whole("latest", 1, 24, 22);
  wanted.days = whole("days", 14, 365, 56);
  wanted.window_days = whole("window_days", 1, 90, 3);
  wanted.event = fields.optional_text("event", 100).value_or("purchase");
  wanted.hash_attribute = fields.optional_text("hash_attribute", 100).value_or("user_id");
  const std::string activity = fields.optional_text("activity", 20).value_or("visits");
  if (activity != "visits" && activity != "orders") {
    fields.refuse("activity", "must be visits or orders");
  }
  if (activity == "orders") wanted.activity = campaign::Activity::orders;
  read_hours(fields, wanted);
  if (const auto id = fields.optional_text("campaign_id", 36)) {
    const auto parsed = Uuid::parse(*id);
    if (parsed) wanted.campaign = *parsed;
    if (!parsed) fields.refuse("campaign_id", "must be a UUID");
  }
  ATTUNE_TRY(fields.finish());
  const auto sites = api.control().sites();   // keeps the list alive while it is read
  const event::Site* found = find_site(*sites, site);
  if (found == nullptr) return fail(ErrorCode::not_found, "no such site", "site");
  wanted.site = found->id;
  ATTUNE_ASSIGN(wanted.zone, TimeZone::find(found->timezone));
  return wanted;
}

Result<Response> create(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const campaign::AccountId account, account_of(api, call));
  ATTUNE_ASSIGN(const SendTimeTest wanted, read_test(api, call));
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  ATTUNE_ASSIGN(const campaign::SendTimeDraft made,
                campaign::draft_send_time_test(
                    {api.accounts, *session, account, api.clock().now_ms()}, wanted));
  std::string out = "{\"ab_test\":";
  append_row(out, *campaign::find_table("ab_tests"), made.test);
  out += ",\"test_variations\":[";
  for (const campaign::Row& row : made.variations) {
    if (&row != &made.variations.front()) out += ",";
    append_row(out, *campaign::find_table("test_variations"), row);
  }
  out += "],\"activity\":[";
  for (std::size_t hour = 0; hour < made.counts.size(); ++hour) {
    out += fmt::format("{}{}", hour == 0 ? "" : ",", made.counts[hour]);
  }
  out += "],\"time_zone\":" + json::serialize(json::value(wanted.zone.name()));
  out += ",\"note\":\"Hours at which the site is busy are what is tried, not what is best: that, "
         "the test says when it is finished.\"}";
  return Response::json(std::move(out), 201);
}

}  // namespace

std::vector<Route> send_time_routes(ApiContext& api) {
  Route draft = row(Method::post, "/api/v1/send_time_tests", "draft_send_time_test",
                    Access::account_write,
                    "Drafts a test of send times: busy hours of the site against the hour of now.",
                    "SendTimeDraft");
  draft.query = {{"account", "For administrators: whose rows; without it, your own."}};
  draft.request_schema = "NewSendTimeTest";
  draft.body_bytes_max = kBodyBytesMax;
  draft.on_worker = worker([&api](const Call& call) { return create(api, call); });
  return {std::move(draft)};
}

}  // namespace attune::serve
