// The rows of templates of matrix_test.cpp.
#pragma once

#include <gtest/gtest.h>

#include <string>

namespace attune::serve {

/// rows      the matrix's own.
/// id     of a row of content_templates. whose  the query that names its account.
template <class Rows>
void add_template_rows(Rows& rows, const std::string& id, const std::string& whose) {
  const std::string templates = "/api/v1/content_templates/";
  rows["add_template_version"] = {
      templates + id + "/versions" + whose,
      R"({"base_prompt":"Hi {{ name | default: 'you' }}"})",
      "",
      {{"a loop that does not end", "", R"({"base_prompt":"{% for x in y %}"})", 400,
        "base_prompt"},
       {"no UUID", templates + "7/versions" + whose, "{}", 400, "id"},
       {"an undeclared variable", "", R"({"base_prompt":"{{ name }}"})", 400, "base_prompt"}}};
  rows["preview_template"] = {
      "/api/v1/templates/preview" + whose,
      R"({"base_prompt":"<p>{{ name }}</p>","personalization_variables":[{"name":"name"}],)"
      R"("data":{"name":"<Ada>"}})",
      "",
      {{"nothing to show", "", "{}", 400, "base_prompt"},
       {"an unknown one", "", R"({"template_id":"00000000-0000-4000-8000-000000000001"})", 404,
        "id"},
       {"no id", "", R"({"template_id":"one"})", 400, "template_id"}}};
  rows["generate_draft"] = {
      templates + id + "/generate" + whose,
      R"({"data":{"name":"Ada"},"instructions":"be brief"})",
      "",
      {{"no UUID", templates + "7/generate" + whose, "{}", 400, "id"},
       {"no such template",
        templates + "00000000-0000-4000-8000-000000000001/generate" + whose, "{}", 404, "id"},
       {"a misspelt field", "", R"({"instruction":"x"})", 400, "instruction"}}};
  rows["import_template"] = {"/api/v1/templates/import",
                             R"({"format":"mautic","source":"Hi {contactfield=firstname|you}"})",
                             "",
                             {{"a format", "", R"({"format":"word","source":"x"})", 400,
                               "format"}}};
}

/// whose  the query that names the account.
template <class Rows>
void add_advice_rows(Rows& rows, const std::string& whose) {
  rows["propose_campaigns"] = {"/api/v1/campaign_advice" + whose,
                               "{}",
                               "",
                               {{"a target", "", R"({"roi_target":"high"})", 400, "roi_target"},
                                {"too many", "", R"({"most":51})", 400, "most"}}};
  rows["advice_calibration"] = {"/api/v1/campaign_advice/calibration" + whose, "", "", {}};
  rows["import_campaign_stats"] = {
      "/api/v1/campaign_stats_import" + whose,
      "campaign,day,impressions,clicks\n",
      "",
      {{"no header", "", "\n", 400, "body"},
       {"a column", "", "campaign,day,impressions,clicks,mood\n", 400, "body"},
       {"one missing", "", "campaign,day,clicks\n", 400, "body"}}};
  rows["propose_budget"] = {
      "/api/v1/campaign_budget" + whose,
      R"({"total":1000000,"days":90,"objective":"conversions","by":"campaign","change_max":0.2})",
      "",
      {{"an objective", "", R"({"objective":"fame"})", 400, "objective"},
       {"a grouping", "", R"({"by":"colour"})", 400, "by"},
       {"few days", "", R"({"days":41})", 400, "days"},
       {"an unknown campaign", "", R"({"limits":[{"name":"nobody's"}]})", 400, "limits"},
       {"a limit backwards", "", R"({"limits":[{"name":"a","min":2,"max":1}]})", 400,
        "limits[0].min"},
       {"a format", "/api/v1/campaign_budget" + whose + "&format=xls", "{}", 400, "format"}}};
  const std::string bids = "/api/v1/campaign_bids" + whose;
  rows["propose_bids"] = {bids + "&target=cost_per_conversion&value=12.5",
                          "",
                          "",
                          {{"a target", bids + "&target=fame", "", 400, "target"},
                           {"no target", bids + "&value=12", "", 400, "value"},
                           {"a value", bids + "&target=spend&value=-1", "", 400, "value"},
                           {"a day", bids + "&target=spend&from=May", "", 400, "from"},
                           {"a format", bids + "&format=xls", "", 400, "format"}}};
  const std::string find = "/api/v1/learning_insights/find";
  rows["find_insights"] = {find + whose,
                           "",
                           "",
                           {{"nobody's", find, "", 400, "account"},
                            {"no such account", find + "?account=nobody", "", 404, "account"}}};
}

/// site  id of a site. whose  the query that names an account.
template <class Rows>
void add_send_time_rows(Rows& rows, const std::string& site, const std::string& whose) {
  const std::string body = R"("name":"when","site":")" + site + R"(","current_hour":9)";
  rows["draft_send_time_test"] = {
      "/api/v1/send_time_tests" + whose,
      "{" + body + R"(,"window_hours":2,"days":56,"hours":[12,18],"event":"purchase"})",
      "",
      {{"no name", "", R"({"site":"x","current_hour":9})", 400, "name"},
       {"no site", "", R"({"name":"x","current_hour":9})", 400, "site"},
       {"an unknown site", "", R"({"name":"x","site":"x","current_hour":9})", 404, "site"},
       {"no hour", "", R"({"name":"x","site":"x"})", 400, "current_hour"},
       {"the current hour", "", "{" + body + R"(,"hours":[9]})", 400, "hours"},
       {"too quiet", "", "{" + body + "}", 409, "hours"}}};
}

/// base      the address of the site. put  stores something by the owner.
/// template_id  of a row of the account's content_templates that is no mail.
template <class Rows, class Put>
void add_slot_rows(Rows& rows, const std::string& base, const std::string& template_id, Put put) {
  const std::string slot = R"({"templates":[")" + template_id + R"("]})";
  const auto stored = [&](const std::string& key) {
    EXPECT_EQ(put(base + "/slots/" + key + "?account=admin", slot).status, 200) << key;
  };
  stored("hero");
  stored("old");
  rows["list_slots"] = {base + "/slots", "", "", {}};
  rows["put_slot"] = {
      base + "/slots/hero?account=admin",
      slot,
      "",
      {{"a name", base + "/slots/a%20b?account=admin", slot, 400, "name"},
       {"no templates", "", "{}", 400, "templates"},
       {"nobody's template", "",
        R"({"templates":["00000000-0000-4000-8000-000000000001"]})", 409, "templates"},
       {"a policy", "", R"({"templates":[")" + template_id + R"("],"policy":"best"})", 400,
        "policy"},
       {"a floor of nothing", "", R"({"templates":[")" + template_id + R"("],"floor":0})", 400,
        "floor"}}};
  rows["delete_slot"] = {
      base + "/slots/old", "", "", {{"none such", base + "/slots/none", "", 404, "key"}}};
  rows["preview_slot"] = {base + "/slots/hero/preview",
                          "{}",
                          "",
                          {{"none such", base + "/slots/none/preview", "{}", 404, "key"}}};
  const std::string numbers = base + "/slots/hero/performance";
  rows["slot_performance"] = {numbers, "", "", {{"days", numbers + "?days=0", "", 400, "days"}}};
  rows["refresh_slots"] = {base + "/content/refresh", "", "", {}};
  rows["content"] = {base + "/content?slot=hero",
                     "",
                     "",
                     {{"no slot", base + "/content", "", 400, "slot"}}};
  rows["contents"] = {base + "/content",
                      R"({"slots":["hero"],"data":{"name":"Ada"}})",
                      "",
                      {{"no slots", "", "{}", 400, "slots"},
                       {"data", "", R"({"slots":["hero"],"data":1})", 400, "data"}}};
}

}  // namespace attune::serve
