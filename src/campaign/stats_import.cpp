// Platform statistics from a CSV file: every row is checked before any is stored, so that a file is
// in the table or is not.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "base/csv.h"
#include "base/json_writer.h"
#include "base/time_zone.h"
#include "campaign/advice_store.h"
#include "campaign/rules.h"

namespace attune::campaign {
namespace {

using store::Value;

constexpr std::size_t kBytesMax = 8 << 20;
constexpr std::size_t kRowsMax = 50'000;
constexpr std::size_t kErrorsMax = 100;
constexpr std::array<std::string_view, 11> kColumns = {
    "campaign", "day", "platform", "audience", "impressions", "clicks",
    "conversions", "revenue", "spend", "currency", "engagements"};
constexpr std::array<std::string_view, 4> kNeeded = {"campaign", "day", "impressions", "clicks"};

struct Campaign {
  Uuid id{};
  std::string currency;   // may be empty
};

struct StatsRow {
  std::vector<Value> values;   // of the table's columns
  std::string key;             // of what no two rows share
};

std::string key_of(const Uuid& campaign, store::Date day, std::string_view platform,
                   std::string_view audience) {
  return fmt::format("{}|{}|{}|{}", campaign.text(), day.days, platform, audience);
}

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [at, bad] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (bad != std::errc() || at != text.data() + text.size() || !(value >= 0)) return std::nullopt;
  return value;
}

class Reader {
 public:
  explicit Reader(std::map<std::string, Campaign> campaigns) : campaigns_(std::move(campaigns)) {}

  Result<void> read_header(std::string_view line) {
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    const auto names = split_csv(line);
    if (!names) return refuse("the header's quotes do not close");
    for (const std::string& name : *names) {
      if (std::ranges::find(kColumns, name) == kColumns.end()) {
        return refuse(fmt::format("there is no column \"{}\"; there are campaign, day, platform, "
                                  "audience, impressions, clicks, conversions, revenue, spend, "
                                  "currency, engagements", name));
      }
      if (!columns_.emplace(name, columns_.size()).second) {
        return refuse(fmt::format("the column {} is there twice", name));
      }
    }
    for (const std::string_view name : kNeeded) {
      if (!columns_.contains(name)) return refuse(fmt::format("the column {} is missing", name));
    }
    return {};
  }

  /// Errors  invalid_argument: what is wrong with the row.
  Result<StatsRow> read(std::string_view line) {
    const auto values = split_csv(line);
    if (!values) return refuse("the quotes do not close");
    if (values->size() != columns_.size()) {
      return refuse(fmt::format("has {} values for {} columns", values->size(), columns_.size()));
    }
    const auto value = [&](std::string_view name) -> std::string_view {
      const auto found = columns_.find(name);
      return found == columns_.end() ? std::string_view() : (*values)[found->second];
    };
    const auto campaign = campaigns_.find(std::string(value("campaign")));
    if (campaign == campaigns_.end()) {
      return refuse(fmt::format("the account has no campaign \"{}\"", value("campaign")));
    }
    const auto day = parse_day(value("day"));
    if (!day) return refuse("day must be YYYY-MM-DD");
    const std::string_view currency = value("currency");
    if (!currency.empty() && currency != campaign->second.currency) {
      return refuse(fmt::format("the currency is {}, of the campaign {}", currency,
                                campaign->second.currency.empty() ? "not set"
                                                                  : campaign->second.currency));
    }
    StatsRow row;
    const Table& table = *find_table("campaign_stats_daily");
    row.values.assign(table.columns.size(), store::Null{});
    const auto set = [&](std::string_view name, Value given) {
      row.values[*table.find(name)] = std::move(given);
    };
    set("campaign_id", campaign->second.id);
    set("day", store::Date{*day});
    for (const std::string_view name : {"platform", "audience"}) {
      set(name, std::string(value(name)));
      const auto fits = check_value(table.columns[*table.find(name)],
                                    row.values[*table.find(name)]);
      if (!fits) return refuse(fmt::format("{} {}", name, fits.error().message()));
    }
    for (const std::string_view name : {"impressions", "clicks", "conversions"}) {
      const std::string_view text = value(name);
      const auto count = text.empty() ? std::optional<std::int64_t>(0)
                                      : number<std::int64_t>(text);
      if (!count) return refuse(fmt::format("{} must be a whole number of at least 0", name));
      set(name, *count);
    }
    if (const std::string_view text = value("engagements"); !text.empty()) {
      const auto count = number<std::int64_t>(text);
      if (!count) return refuse("engagements must be a whole number of at least 0, or empty");
      set("engagements", *count);
    }
    for (const std::string_view name : {"revenue", "spend"}) {
      const std::string_view text = value(name);
      const auto amount = text.empty() ? std::optional<double>(0) : number<double>(text);
      if (!amount || *amount > kMoneyMax) {
        return refuse(fmt::format("{} must be a number of at least 0, with a point", name));
      }
      set(name, *amount);
    }
    if (std::get<std::int64_t>(row.values[*table.find("clicks")]) >
        std::get<std::int64_t>(row.values[*table.find("impressions")])) {
      return refuse("clicks are more than impressions");
    }
    row.key = key_of(campaign->second.id, store::Date{*day}, value("platform"), value("audience"));
    if (!seen_.insert(row.key).second) {
      return refuse("another row has this campaign, day, platform and audience");
    }
    return row;
  }

 private:
  static tl::unexpected<Error> refuse(std::string message) {
    return fail(ErrorCode::invalid_argument, std::move(message), "body");
  }

  std::map<std::string, Campaign> campaigns_;
  std::map<std::string, std::size_t, std::less<>> columns_;
  std::set<std::string> seen_;
};

Result<std::map<std::string, Campaign>> campaigns_of(const Desk& desk) {
  const Table& table = *find_table("campaigns");
  std::map<std::string, Campaign> all;
  ListOptions options{.limit = kListMax, .offset = 0, .parent = {}};
  for (bool more = true; more && options.offset <= kOffsetMax; options.offset += kListMax) {
    ATTUNE_ASSIGN(const Page page,
                  desk.accounts.list(desk.session, table, desk.account, options));
    for (const Row& row : page.rows) {
      const auto* currency = std::get_if<std::string>(&row[2 + *table.find("currency")]);
      all[std::get<std::string>(row[2 + *table.find("name")])] = {
          std::get<Uuid>(row[0]), currency == nullptr ? "" : *currency};
    }
    more = page.more;
  }
  return all;
}

/// The account's rows over the days of `rows`, by key. They have no template: a file names none.
Result<std::map<std::string, Uuid>> known_rows(const Desk& desk,
                                               std::span<const StatsRow> rows) {
  const std::size_t at = *find_table("campaign_stats_daily")->find("day");
  const auto day_of = [at](const StatsRow& row) { return std::get<store::Date>(row.values[at]); };
  const auto days = std::ranges::minmax(
      rows, {}, [&](const StatsRow& row) { return day_of(row).days; });
  const Value parameters[] = {static_cast<std::int64_t>(desk.account), day_of(days.min),
                              day_of(days.max)};
  std::map<std::string, Uuid> known;
  const auto visit = [&known](std::span<const Value> row) -> Result<void> {
    known[key_of(std::get<Uuid>(row[1]), std::get<store::Date>(row[2]),
                 std::get<std::string>(row[3]), std::get<std::string>(row[4]))] =
        std::get<Uuid>(row[0]);
    return {};
  };
  ATTUNE_TRY(desk.session.scan("campaign/campaign_stats_daily.keys", parameters, visit));
  return known;
}

void add_value(JsonWriter& json, const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) json.integer(*whole);
  else if (const auto* number = std::get_if<double>(&value)) json.number(*number);
  else if (const auto* text = std::get_if<std::string>(&value)) json.text(*text);
  else if (const auto* id = std::get_if<Uuid>(&value)) json.text(id->text());
  else if (const auto* day = std::get_if<store::Date>(&value)) json.text(day_text(day->days));
  else json.null();
}

/// Rows on their way into the table, one statement for thousands of them: both engines spend far
/// more on a statement than on a row of it.
class RowList {
 public:
  RowList(const Desk& desk, std::string_view statement) : desk_(desk), statement_(statement) {}

  Result<void> add(const Uuid& id, const StatsRow& row) {
    text_.push_back(count_ == 0 ? '[' : ',');
    JsonWriter json(text_);
    json.begin_object();
    json.key("id");
    json.text(id.text());
    const Table& table = *find_table("campaign_stats_daily");
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      json.key(table.columns[i].name);
      add_value(json, row.values[i]);
    }
    json.end_object();
    return ++count_ < kRowsAtOnce ? Result<void>() : write();
  }

  Result<void> write() {
    if (count_ == 0) return {};
    text_.push_back(']');
    const Value parameters[] = {static_cast<std::int64_t>(desk_.account),
                                store::Timestamp::from_ms(desk_.now_ms),
                                store::Json{std::exchange(text_, {})}};
    count_ = 0;
    ATTUNE_TRY(desk_.session.execute(statement_, parameters));
    return {};
  }

 private:
  static constexpr std::size_t kRowsAtOnce = 5'000;   // some MiB of JSON
  const Desk& desk_;
  const std::string_view statement_;
  std::string text_;
  std::size_t count_ = 0;
};

/// Within a transaction. What is there already was read at once: a look for each row would read the
/// table as often as the file has rows.
Result<void> store_rows(const Desk& desk, std::span<const StatsRow> rows) {
  std::set<std::string> campaigns;
  for (const StatsRow& row : rows) {
    const Uuid& id = std::get<Uuid>(row.values[0]);
    if (!campaigns.insert(id.text()).second) continue;
    const Value parameters[] = {static_cast<std::int64_t>(desk.account), id};
    ATTUNE_ASSIGN(const store::Rows found,
                  desk.session.query("campaign/campaigns.get", parameters));
    if (found.rows.empty()) {
      return fail(ErrorCode::failed_precondition, "a campaign was deleted meanwhile", "body");
    }
  }
  ATTUNE_ASSIGN(const auto known, known_rows(desk, rows));
  RowList fresh(desk, "campaign/campaign_stats_daily.insert_all");
  RowList changed(desk, "campaign/campaign_stats_daily.update_all");
  for (const StatsRow& row : rows) {
    const auto there = known.find(row.key);
    ATTUNE_TRY(there == known.end() ? fresh.add(Uuid::random(), row)
                                    : changed.add(there->second, row));
  }
  ATTUNE_TRY(fresh.write());
  return changed.write();
}

}  // namespace

Result<StatsImport> import_stats(const Desk& desk, std::string_view csv) {
  if (csv.size() > kBytesMax) {
    return fail(ErrorCode::invalid_argument, fmt::format("is over {} bytes", kBytesMax), "body");
  }
  ATTUNE_ASSIGN(auto campaigns, campaigns_of(desk));
  Reader reader(std::move(campaigns));
  StatsImport done;
  std::vector<StatsRow> rows;
  bool has_header = false;
  for (std::size_t number = 1; !csv.empty(); ++number) {
    const std::size_t end = std::min(csv.find('\n'), csv.size());
    std::string_view line = csv.substr(0, end);
    csv.remove_prefix(std::min(end + 1, csv.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (!has_header) {
      ATTUNE_TRY(reader.read_header(line));
      has_header = true;
      continue;
    }
    if (rows.size() == kRowsMax) {
      return fail(ErrorCode::invalid_argument, fmt::format("has over {} rows", kRowsMax), "body");
    }
    auto row = reader.read(line);
    if (row) {
      rows.push_back(std::move(*row));
    } else if (done.errors.size() < kErrorsMax) {
      done.errors.push_back({number, row.error().message()});
    }
  }
  if (!has_header) return fail(ErrorCode::invalid_argument, "has no header", "body");
  if (!done.errors.empty()) return done;
  if (rows.empty()) return done;
  ATTUNE_TRY(desk.accounts.edit_at_once(desk.session, desk.account,
                                        [&](const AtOnce&) { return store_rows(desk, rows); }));
  done.rows = static_cast<std::int64_t>(rows.size());
  return done;
}

}  // namespace attune::campaign
