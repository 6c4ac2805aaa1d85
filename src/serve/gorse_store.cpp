#include "serve/gorse_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/hash.h"
#include "collect/text.h"
#include "serve/json_text.h"
#include "serve/row_reader.h"

namespace attune::serve::gorse {
namespace {

using store::Null;
using store::Value;

constexpr std::size_t kCategoryCharactersMax = 255;
constexpr std::size_t kNameCharactersMax = 500;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kNeighbourDays = 90;     // interactions that neighbours are made of
constexpr std::int64_t kNeighbourPeople = 1000;  // of an item, the newest ones
constexpr std::int64_t kNeighbourItems = 200;   // of a user, the newest ones
constexpr store::QueryOptions kQuick{.rows_max = 20'000, .timeout_ms = 10'000};

Value text_or_null(std::string_view text) {
  if (text.empty()) return Null{};
  return std::string(text);
}

template <class T>
Value optional_text(const std::optional<T>& text) {
  if (!text) return Null{};
  return std::string(*text);
}

std::string json_list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out.push_back(',');
    append_json_string(out, text);
  }
  return out + "]";
}

std::vector<std::string> texts_of(const std::optional<store::Json>& list) {
  std::vector<std::string> texts;
  if (!list) return texts;
  boost::json::error_code error;
  const boost::json::value parsed = boost::json::parse(list->text, error);
  if (error || !parsed.is_array()) return texts;
  for (const boost::json::value& each : parsed.get_array()) {
    if (const auto* text = each.if_string()) texts.emplace_back(*text);
  }
  return texts;
}

std::string labels_of(const std::optional<store::Json>& labels) {
  return labels ? labels->text : "null";
}

std::string first_category(const std::vector<std::string>& categories) {
  return categories.empty() ? std::string()
                            : std::string(collect::cut(categories[0], kCategoryCharactersMax));
}

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

Feedback read_feedback_row(const std::vector<Value>& row) {
  RowReader reader(row);
  Feedback feedback;
  feedback.type = reader.take<std::string>();
  feedback.user = reader.take<std::string>();
  feedback.item = reader.take<std::string>();
  feedback.value = reader.take<double>();
  feedback.timestamp_us = reader.take<store::Timestamp>().us;
  feedback.labels = labels_of(reader.take_optional<store::Json>());
  feedback.comment = reader.take<std::string>();
  feedback.updated_us = reader.take<store::Timestamp>().us;
  return feedback;
}

template <class T>
std::vector<T> read_all(const store::Rows& rows, T (*read)(const std::vector<Value>&)) {
  std::vector<T> all;
  all.reserve(rows.rows.size());
  for (const auto& row : rows.rows) all.push_back(read(row));
  return all;
}

std::string read_text(const std::vector<Value>& row) {
  return RowReader(row).take<std::string>();
}

Score read_score(const std::vector<Value>& row) {
  RowReader reader(row);
  Score score;
  score.id = reader.take<std::string>();
  score.score = reader.take<double>();
  return score;
}

Value whole(std::size_t number) {
  return static_cast<std::int64_t>(number);
}

}  // namespace

Rules Rules::standard() {
  Rules rules;
  const auto add = [&](std::string_view kind, std::initializer_list<const char*> types) {
    for (const char* type : types) rules.kinds.emplace(type, kind);
  };
  add("product_view", {"read", "view", "impression"});
  add("product_click", {"click"});
  add("wishlist_add", {"like", "star", "favourite", "favorite"});
  add("cart_add", {"cart", "add", "add_to_cart"});
  add("purchase", {"buy", "purchase", "order"});
  return rules;
}

std::string_view Rules::kind_of(std::string_view type) const {
  const auto at = kinds.find(lowered(type));
  return at == kinds.end() ? std::string_view() : std::string_view(at->second);
}

bool Rules::is_positive(std::string_view type) const {
  const std::string_view kind = kind_of(type);
  return !kind.empty() && kind != "product_view" && kind != "custom";
}

Records::Records(store::Session& session, const Uuid& site, std::int64_t now_ms)
    : session_(session), site_(site.text()), now_(store::Timestamp::from_ms(now_ms)) {}

Result<Rules> Records::rules() {
  const Value parameters[] = {site_};
  ATTUNE_ASSIGN(const store::Rows rows, session_.query("serve/gorse_site_get", parameters));
  if (rows.rows.empty()) return Rules::standard();
  RowReader reader(rows.rows[0]);
  Rules rules;
  const auto kinds = reader.take<store::Json>();
  boost::json::error_code error;
  const boost::json::value parsed = boost::json::parse(kinds.text, error);
  if (!error && parsed.is_object()) {
    for (const auto& each : parsed.get_object()) {
      if (each.value().is_string()) rules.kinds.emplace(each.key(), each.value().get_string());
    }
  }
  rules.rejects_unknown = reader.take<std::string>() == "reject";
  return rules;
}

Result<void> Records::set_rules(const Rules& rules) {
  std::string kinds = "{";
  for (const auto& [type, kind] : rules.kinds) {
    if (kinds.size() > 1) kinds.push_back(',');
    append_json_string(kinds, lowered(type));
    kinds.push_back(':');
    append_json_string(kinds, kind);
  }
  const Value parameters[] = {site_, store::Json{kinds + "}"},
                              std::string(rules.rejects_unknown ? "reject" : "create"), now_};
  ATTUNE_TRY(session_.execute("serve/gorse_site_put", parameters));
  return {};
}

Result<void> Records::put_users(const std::vector<User>& users) {
  std::map<std::string_view, const User*> newest;  // a key may stand once in a statement
  for (const User& user : users) newest[user.id] = &user;
  if (newest.empty()) return {};
  Column ids, labels, comments;
  for (const auto& [id, user] : newest) {
    ids.add(id);
    labels.add(user->labels);
    comments.add(user->comment);
  }
  const Value parameters[] = {site_, ids.text(), labels.text(), comments.text(), now_};
  ATTUNE_TRY(session_.execute("serve/gorse_users_put", parameters));
  return {};
}

Result<std::vector<User>> Records::read_users(std::string_view after, std::size_t count,
                                              std::optional<std::string_view> only) {
  const Value parameters[] = {site_, std::string(after), whole(count), optional_text(only)};
  ATTUNE_ASSIGN(const store::Rows rows, session_.query("serve/gorse_users", parameters));
  std::vector<User> users;
  for (const auto& row : rows.rows) {
    RowReader reader(row);
    User user;
    user.id = reader.take<std::string>();
    user.labels = labels_of(reader.take_optional<store::Json>());
    user.comment = reader.take<std::string>();
    users.push_back(std::move(user));
  }
  return users;
}

Result<std::vector<User>> Records::users(std::string_view after, std::size_t count) {
  return read_users(after, count, std::nullopt);
}

Result<std::optional<User>> Records::user(std::string_view id) {
  ATTUNE_ASSIGN(std::vector<User> found, read_users("", 1, id));
  if (found.empty()) return std::optional<User>();
  return std::optional<User>(std::move(found[0]));
}

Result<void> Records::patch_user(std::string_view id, const UserPatch& patch) {
  const Value parameters[] = {site_,
                              std::string(id),
                              patch.labels.has_value(),
                              store::Json{patch.labels.value_or("null")},
                              patch.comment.has_value(),
                              patch.comment.value_or(""),
                              now_};
  ATTUNE_TRY(session_.execute("serve/gorse_user_patch", parameters));
  return {};
}

Result<void> Records::delete_user(std::string_view id) {
  const Value parameters[] = {site_, std::string(id), now_};
  ATTUNE_TRY(session_.execute("serve/gorse_user_delete", parameters));
  return {};
}

Result<void> Records::put_items(const std::vector<Item>& items) {
  std::map<std::string_view, const Item*> newest;
  for (const Item& item : items) newest[item.id] = &item;
  if (newest.empty()) return {};
  Column ids, names, hidden, categories, first, times, labels, comments, titles;
  for (const auto& [id, item] : newest) {
    ids.add(std::to_string(stable_id(site_, id)));
    names.add(id);
    hidden.add(item->is_hidden ? "true" : "false");
    categories.add(json_list(item->categories));
    first.add(first_category(item->categories));
    times.add(item->timestamp_us ? std::to_string(*item->timestamp_us) : "");
    labels.add(item->labels);
    comments.add(item->comment);
    titles.add(collect::cut(item->comment, kNameCharactersMax));
  }
  const Value parameters[] = {site_,          ids.text(),   names.text(),  hidden.text(),
                              categories.text(), first.text(), times.text(), labels.text(),
                              comments.text(),   titles.text(), now_};
  ATTUNE_TRY(session_.execute("serve/gorse_items_put", parameters));
  return {};
}

Result<std::vector<Item>> Records::read_items(std::string_view after, std::size_t count,
                                              std::optional<std::string_view> only,
                                              std::optional<std::string_view> text) {
  std::optional<std::string> pattern;
  if (text) pattern = lowered(*text);
  const Value parameters[] = {site_, std::string(after), whole(count), optional_text(only),
                              optional_text(pattern)};
  ATTUNE_ASSIGN(const store::Rows rows, session_.query("serve/gorse_items", parameters));
  std::vector<Item> items;
  for (const auto& row : rows.rows) {
    RowReader reader(row);
    Item item;
    item.id = reader.take<std::string>();
    item.is_hidden = reader.take<bool>();
    const auto categories = reader.take_optional<store::Json>();
    const auto category = reader.take_optional<std::string>();
    item.categories = texts_of(categories);
    if (!categories && category) item.categories.push_back(*category);
    if (const auto time = reader.take_optional<store::Timestamp>()) item.timestamp_us = time->us;
    item.labels = labels_of(reader.take_optional<store::Json>());
    item.comment = reader.take<std::string>();
    items.push_back(std::move(item));
  }
  return items;
}

Result<std::vector<Item>> Records::items(std::string_view after, std::size_t count,
                                         std::optional<std::string_view> text) {
  return read_items(after, count, std::nullopt, text);
}

Result<std::optional<Item>> Records::item(std::string_view id) {
  ATTUNE_ASSIGN(std::vector<Item> found, read_items("", 1, id, std::nullopt));
  if (found.empty()) return std::optional<Item>();
  return std::optional<Item>(std::move(found[0]));
}

Result<bool> Records::patch_item(std::string_view id, const ItemPatch& patch) {
  std::optional<std::string> list;
  if (patch.categories) list = json_list(*patch.categories);
  const Value parameters[] = {
      site_,
      std::string(id),
      patch.is_hidden ? Value(*patch.is_hidden) : Value(Null{}),
      list ? Value(store::Json{*list}) : Value(Null{}),
      first_category(patch.categories.value_or(std::vector<std::string>{})),
      patch.timestamp_us ? Value(store::Timestamp{*patch.timestamp_us}) : Value(Null{}),
      patch.labels ? Value(store::Json{*patch.labels}) : Value(Null{}),
      optional_text(patch.comment),
      std::string(collect::cut(patch.comment.value_or(""), kNameCharactersMax)),
      now_};
  ATTUNE_ASSIGN(const std::int64_t changed, session_.execute("serve/gorse_item_patch", parameters));
  return changed > 0;
}

Result<bool> Records::delete_item(std::string_view id) {
  const Value parameters[] = {site_, std::string(id), now_};
  ATTUNE_ASSIGN(const std::int64_t gone, session_.execute("serve/gorse_item_delete", parameters));
  return gone > 0;
}

Result<void> Records::refuse_unknown(std::string_view file, std::string_view what,
                                     const std::set<std::string_view>& ids) {
  Column column;
  for (const std::string_view id : ids) column.add(id);
  const Value parameters[] = {site_, column.text()};
  ATTUNE_ASSIGN(const store::Rows rows, session_.query(file, parameters, kQuick));
  const std::vector<std::string> known = read_all(rows, read_text);
  const std::set<std::string_view> there(known.begin(), known.end());
  for (const std::string_view id : ids) {
    if (there.contains(id)) continue;
    return fail(ErrorCode::invalid_argument,
                fmt::format("unknown {} \"{}\": insert it first, or set unknown_ids of the site "
                            "to \"create\"", what, id));
  }
  return {};
}

Result<void> Records::settle_ids(const std::vector<Feedback>& feedback, const Rules& rules) {
  std::set<std::string_view> users, items;
  for (const Feedback& row : feedback) {
    users.insert(row.user);
    items.insert(row.item);
  }
  if (users.empty()) return {};
  if (rules.rejects_unknown) {
    ATTUNE_TRY(refuse_unknown("serve/gorse_users_known", "user", users));
    return refuse_unknown("serve/gorse_items_known", "item", items);
  }
  Column user_ids, item_ids, item_names;
  for (const std::string_view user : users) user_ids.add(user);
  for (const std::string_view item : items) {
    item_ids.add(std::to_string(stable_id(site_, item)));
    item_names.add(item);
  }
  const Value users_of[] = {site_, user_ids.text(), now_};
  ATTUNE_TRY(session_.execute("serve/gorse_users_add", users_of));
  const Value items_of[] = {site_, item_ids.text(), item_names.text(), now_};
  ATTUNE_TRY(session_.execute("serve/gorse_items_add", items_of));
  return {};
}

Result<void> Records::put_feedback(const std::vector<Feedback>& feedback, bool adds) {
  if (feedback.empty()) return {};
  Column users, items, types, values, times, labels, comments;
  for (const Feedback& row : feedback) {
    users.add(row.user);
    items.add(row.item);
    types.add(row.type);
    values.add(fmt::format("{}", row.value));
    times.add(std::to_string(row.timestamp_us));
    labels.add(row.labels);
    comments.add(row.comment);
  }
  const Value parameters[] = {site_,         users.text(),  items.text(), types.text(),
                              values.text(), times.text(),  labels.text(), comments.text(),
                              now_,          adds};
  ATTUNE_TRY(session_.execute("serve/gorse_feedback_put", parameters));
  return {};
}

Result<std::vector<Feedback>> Records::feedback_page(std::string_view type,
                                                     const std::vector<std::string>& after,
                                                     std::size_t count) {
  const Value parameters[] = {site_,    text_or_null(type), after[0],    after[1],
                              after[2], now_,               whole(count)};
  ATTUNE_ASSIGN(const store::Rows rows,
                session_.query("serve/gorse_feedback_page", parameters, kQuick));
  return read_all(rows, read_feedback_row);
}

Result<std::vector<Feedback>> Records::feedback_of(const FeedbackFilter& filter,
                                                   std::size_t count) {
  const Value parameters[] = {site_, text_or_null(filter.user), text_or_null(filter.item),
                              text_or_null(filter.type), now_, whole(count)};
  ATTUNE_ASSIGN(const store::Rows rows,
                session_.query("serve/gorse_feedback_of", parameters, kQuick));
  return read_all(rows, read_feedback_row);
}

Result<std::int64_t> Records::delete_feedback(const FeedbackFilter& filter) {
  const Value parameters[] = {site_, text_or_null(filter.user), text_or_null(filter.item),
                              text_or_null(filter.type)};
  return session_.execute("serve/gorse_feedback_delete", parameters);
}

Result<std::vector<std::string>> Records::items_of_user(std::string_view user, std::size_t count) {
  const Value parameters[] = {site_, std::string(user), now_, whole(count)};
  ATTUNE_ASSIGN(const store::Rows rows,
                session_.query("serve/gorse_user_items", parameters, kQuick));
  return read_all(rows, read_text);
}

Result<std::vector<Score>> Records::list(std::string_view file, const ListOptions& options,
                                         std::vector<Value> more) {
  std::vector<Value> parameters = {
      site_,
      options.categories.empty() ? Value(Null{})
                                 : Value(store::Json{json_list(options.categories)}),
      text_or_null(options.without_user),
      now_,
      whole(options.count),
      whole(options.skip)};
  for (Value& value : more) parameters.push_back(std::move(value));
  ATTUNE_ASSIGN(const store::Rows rows, session_.query(file, parameters, kQuick));
  return read_all(rows, read_score);
}

Value Records::days_ago(std::int64_t days) const {
  return store::Timestamp{now_.us - days * kDayMs * 1000};
}

Result<std::vector<Score>> Records::latest(const ListOptions& options) {
  return list("serve/gorse_latest", options, {});
}

Result<std::vector<Score>> Records::popular(const ListOptions& options, std::int64_t days,
                                            double half_life_days) {
  return list("serve/gorse_popular", options, {days_ago(days), half_life_days});
}

Result<std::vector<Score>> Records::item_neighbours(const std::vector<std::string>& items,
                                                    const ListOptions& options) {
  std::string ids;
  for (const std::string& item : items) {
    fmt::format_to(std::back_inserter(ids), "{}{}", ids.empty() ? "" : ",", stable_id(site_, item));
  }
  if (ids.empty()) return std::vector<Score>{};
  return list("serve/gorse_item_neighbours", options,
              {days_ago(kNeighbourDays), ids, kNeighbourPeople});
}

Result<std::vector<Score>> Records::user_neighbours(std::string_view user,
                                                    const ListOptions& options) {
  const Value parameters[] = {site_,          stable_id(site_, user), days_ago(kNeighbourDays),
                              now_,           kNeighbourItems,        whole(options.count),
                              whole(options.skip)};
  ATTUNE_ASSIGN(const store::Rows rows,
                session_.query("serve/gorse_user_neighbours", parameters, kQuick));
  return read_all(rows, read_score);
}

}  // namespace attune::serve::gorse
