// Users, items and feedback of Gorse's API.
#include <fmt/format.h>

#include <algorithm>

#include "serve/gorse_api.h"

namespace attune::serve::gorse {
namespace {

constexpr int kTries = 5;
constexpr std::size_t kFeedbackMax = 10'000;  // of a user, an item, or deleted at a time
constexpr std::size_t kExportMax = 10'000;    // rows of a page

struct Page {
  std::size_t count = 0;
  std::string_view cursor;
};

Result<Page> page_of(const Ask& ask, std::int64_t count_max) {
  const QueryParameters query = ask.call.query;
  ATTUNE_ASSIGN(const std::int64_t count, query.number("n", kCountDefault, 0, count_max));
  Page page;
  page.count = static_cast<std::size_t>(count);
  // gorsejs sends "Cursor"; Gorse itself reads "cursor".
  const auto cursor = ask.call.query.get("cursor");
  page.cursor = cursor ? *cursor : ask.call.query.get_or("Cursor", "");
  return page;
}

/// {"Cursor":...,NAME:[...]}; the cursor is empty when this was the last page.
template <class T, class Key>
Response iterator(std::string_view name, std::vector<T> rows, std::size_t count, Key key) {
  std::string cursor;
  if (rows.size() > count) {
    rows.pop_back();
    if (!rows.empty()) cursor = cursor_of(key(rows.back()));
  }
  return Response::json(
      fmt::format(R"({{"Cursor":"{}","{}":{}}})", cursor, name, list_json(rows)));
}

std::vector<std::string_view> key_of(const Feedback& feedback) {
  return {feedback.user, feedback.item, feedback.type};
}

template <class T>
Result<Response> one(const std::optional<T>& row, std::string_view what) {
  if (!row) return fail(ErrorCode::not_found, fmt::format("{} not found", what));
  std::string out;
  append(out, *row);
  return Response::json(std::move(out));
}

/// One JSON object a line.
template <class T>
Response lines(const std::vector<T>& rows) {
  std::string out;
  for (const T& row : rows) {
    append(out, row);
    out.push_back('\n');
  }
  Response response = Response::json(std::move(out));
  response.content_type = "application/jsonl";
  return response;
}

/// JSON lines as a JSON list.
std::string list_of_lines(std::string_view text) {
  std::string list = "[";
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (list.size() > 1) list.push_back(',');
    list += line;
  }
  return list + "]";
}

Error not_found(std::string_view what) {
  return Error(ErrorCode::not_found, fmt::format("{} not found", what));
}

}  // namespace

Response row_affected(std::size_t rows) {
  return Response::json(fmt::format(R"({{"RowAffected":{}}})", rows));
}

Result<void> GorseApi::with_records(const Ask& ask,
                                    const std::function<Result<void>(Records&)>& work) {
  Result<void> done;
  for (int i = 0; i < kTries; ++i) {
    ATTUNE_ASSIGN(SessionPool::Lease session,
                  api_.sessions.borrow_as({.site = ask.site.id, .account = {}}));
    const bool is_bound = session->engine() != store::Engine::duckdb;  // in a transaction already
    if (!is_bound) ATTUNE_TRY(session->begin());
    Records records(*session, ask.site.id, ask.now_ms());
    done = work(records);
    if (is_bound) {
      if (done) done = session.commit();
    } else if (done) {
      done = session->commit();
    } else if (const auto undone = session->rollback(); !undone) {
      return undone;
    }
    if (done || done.error().code() != ErrorCode::internal) return done;
  }
  return done;
}

void GorseApi::items_changed(const event::Site& site) const {
  if (api_.parts.operations.products_changed) api_.parts.operations.products_changed(site);
}

Result<Response> GorseApi::store_users(const Ask& ask, const std::vector<User>& users) {
  const Result<void> done =
      with_records(ask, [&](Records& records) { return records.put_users(users); });
  if (!done) return tl::unexpected<Error>(done.error());
  return row_affected(users.size());
}

Result<Response> GorseApi::post_user(const Ask& ask) {
  ATTUNE_ASSIGN(const std::vector<User> users, read_users(ask.body(), Shape::one));
  return store_users(ask, users);
}

Result<Response> GorseApi::post_users(const Ask& ask) {
  ATTUNE_ASSIGN(const std::vector<User> users, read_users(ask.body(), Shape::list));
  return store_users(ask, users);
}

Result<Response> GorseApi::get_users(const Ask& ask) {
  ATTUNE_ASSIGN(const Page page, page_of(ask, kCountMax));
  ATTUNE_ASSIGN(const std::vector<std::string> after, read_cursor(page.cursor, 1));
  std::vector<User> users;
  ATTUNE_ASSIGN(users, get<decltype(users)>(ask, [&](Records& records) {
    return records.users(after[0], page.count + 1);
  }));
  return iterator("Users", std::move(users), page.count,
                  [](const User& user) { return std::vector<std::string_view>{user.id}; });
}

Result<Response> GorseApi::get_user(const Ask& ask) {
  std::optional<User> user;
  ATTUNE_ASSIGN(user, get<decltype(user)>(ask, [&](Records& records) {
    return records.user(ask.value(0));
  }));
  return one(user, "user");
}

Result<Response> GorseApi::patch_user(const Ask& ask) {
  ATTUNE_ASSIGN(const UserPatch patch, read_user_patch(ask.body()));
  const Result<void> done = with_records(ask, [&](Records& records) -> Result<void> {
    ATTUNE_ASSIGN(const std::optional<User> user, records.user(ask.value(0)));
    if (!user) return tl::unexpected<Error>(not_found("user"));
    return records.patch_user(ask.value(0), patch);
  });
  if (!done) return tl::unexpected<Error>(done.error());
  return row_affected(1);
}

Result<Response> GorseApi::delete_user(const Ask& ask) {
  ATTUNE_TRY(remove_feedback(ask, {.user = ask.value(0)}));
  const Result<void> done =
      with_records(ask, [&](Records& records) { return records.delete_user(ask.value(0)); });
  if (!done) return tl::unexpected<Error>(done.error());
  return row_affected(1);
}

Result<Response> GorseApi::store_items(const Ask& ask, const std::vector<Item>& items) {
  const Result<void> done =
      with_records(ask, [&](Records& records) { return records.put_items(items); });
  if (!done) return tl::unexpected<Error>(done.error());
  items_changed(ask.site);
  return row_affected(items.size());
}

Result<Response> GorseApi::post_item(const Ask& ask) {
  ATTUNE_ASSIGN(const std::vector<Item> items, read_items(ask.body(), Shape::one));
  return store_items(ask, items);
}

Result<Response> GorseApi::post_items(const Ask& ask) {
  ATTUNE_ASSIGN(const std::vector<Item> items, read_items(ask.body(), Shape::list));
  return store_items(ask, items);
}

Result<Response> GorseApi::get_items(const Ask& ask) {
  ATTUNE_ASSIGN(const Page page, page_of(ask, kCountMax));
  ATTUNE_ASSIGN(const std::vector<std::string> after, read_cursor(page.cursor, 1));
  std::optional<std::string_view> text = ask.call.query.get("q");
  if (text && text->empty()) text.reset();
  std::vector<Item> items;
  ATTUNE_ASSIGN(items, get<decltype(items)>(ask, [&](Records& records) {
    return records.items(after[0], page.count + 1, text);
  }));
  return iterator("Items", std::move(items), page.count,
                  [](const Item& item) { return std::vector<std::string_view>{item.id}; });
}

Result<Response> GorseApi::get_item(const Ask& ask) {
  std::optional<Item> item;
  ATTUNE_ASSIGN(item, get<decltype(item)>(ask, [&](Records& records) {
    return records.item(ask.value(0));
  }));
  return one(item, "item");
}

Result<Response> GorseApi::patch_item(const Ask& ask) {
  ATTUNE_ASSIGN(const ItemPatch patch, read_item_patch(ask.body()));
  const Result<void> done = with_records(ask, [&](Records& records) -> Result<void> {
    ATTUNE_ASSIGN(const bool is_there, records.patch_item(ask.value(0), patch));
    if (!is_there) return tl::unexpected<Error>(not_found("item"));
    return {};
  });
  if (!done) return tl::unexpected<Error>(done.error());
  items_changed(ask.site);
  return row_affected(1);
}

Result<Response> GorseApi::delete_item(const Ask& ask) {
  ATTUNE_TRY(remove_feedback(ask, {.item = ask.value(0)}));
  const Result<void> done = with_records(ask, [&](Records& records) -> Result<void> {
    ATTUNE_TRY(records.delete_item(ask.value(0)));
    return {};
  });
  if (!done) return tl::unexpected<Error>(done.error());
  items_changed(ask.site);
  return row_affected(1);
}

Result<Response> GorseApi::change_category(const Ask& ask, bool adds) {
  const std::string category(ask.value(1));
  const Result<void> done = with_records(ask, [&](Records& records) -> Result<void> {
    ATTUNE_ASSIGN(std::optional<Item> item, records.item(ask.value(0)));
    if (!item) return tl::unexpected<Error>(not_found("item"));
    std::erase(item->categories, category);
    if (adds) item->categories.push_back(category);
    if (item->categories.size() > kCategoriesMax || category.size() > kIdBytesMax) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("an item has at most {} categories of at most {} bytes",
                              kCategoriesMax, kIdBytesMax));
    }
    ItemPatch patch;
    patch.categories = item->categories;
    ATTUNE_TRY(records.patch_item(item->id, patch));
    return {};
  });
  if (!done) return tl::unexpected<Error>(done.error());
  items_changed(ask.site);
  return row_affected(1);
}

Result<Response> GorseApi::put_category(const Ask& ask) {
  return change_category(ask, true);
}

Result<Response> GorseApi::delete_category(const Ask& ask) {
  return change_category(ask, false);
}

/// Rows first, then events, then the commit: feedback whose event could not be written is not
/// there.
Result<Response> GorseApi::store_feedback(const Ask& ask, std::vector<Feedback> feedback,
                                          bool adds) {
  const std::size_t sent = feedback.size();
  merge_feedback(feedback, adds);
  bool is_written = false;  // a further try must not write again
  const Result<void> done = with_records(ask, [&](Records& records) -> Result<void> {
    ATTUNE_ASSIGN(const Rules rules, records.rules());
    ATTUNE_TRY(records.settle_ids(feedback, rules));
    ATTUNE_TRY(records.put_feedback(feedback, adds));
    if (is_written || feedback.empty()) return {};
    is_written = true;
    return writer_.write(ask.call, ask.site,
                         events_of(ask.site, feedback, rules, ask.now_ms()));
  });
  if (!done) return tl::unexpected<Error>(done.error());
  return row_affected(sent);
}

Result<Response> GorseApi::post_feedback(const Ask& ask) {
  ATTUNE_ASSIGN(std::vector<Feedback> feedback, read_feedback(ask.body(), ask.now_ms() * 1000));
  return store_feedback(ask, std::move(feedback), true);
}

Result<Response> GorseApi::put_feedback(const Ask& ask) {
  ATTUNE_ASSIGN(std::vector<Feedback> feedback, read_feedback(ask.body(), ask.now_ms() * 1000));
  return store_feedback(ask, std::move(feedback), false);
}

Result<Response> GorseApi::get_feedback(const Ask& ask) {
  ATTUNE_ASSIGN(const Page page, page_of(ask, kCountMax));
  ATTUNE_ASSIGN(const std::vector<std::string> after, read_cursor(page.cursor, 3));
  std::vector<Feedback> feedback;
  ATTUNE_ASSIGN(feedback, get<decltype(feedback)>(ask, [&](Records& records) {
    return records.feedback_page(ask.value(0), after, page.count + 1);
  }));
  return iterator("Feedback", std::move(feedback), page.count, key_of);
}

Result<Response> GorseApi::get_pair(const Ask& ask) {
  std::vector<Feedback> feedback;
  ATTUNE_ASSIGN(feedback, get<decltype(feedback)>(ask, [&](Records& records) {
    return records.feedback_of({.user = ask.value(0), .item = ask.value(1)}, kFeedbackMax);
  }));
  return Response::json(list_json(feedback));
}

Result<Response> GorseApi::get_one_feedback(const Ask& ask) {
  std::vector<Feedback> feedback;
  ATTUNE_ASSIGN(feedback, get<decltype(feedback)>(ask, [&](Records& records) {
    return records.feedback_of(
        {.user = ask.value(1), .item = ask.value(2), .type = ask.value(0)}, 1);
  }));
  if (feedback.empty()) return tl::unexpected<Error>(not_found("feedback"));
  std::string out;
  append(out, feedback[0]);
  return Response::json(std::move(out));
}

Result<std::int64_t> GorseApi::remove_feedback(const Ask& ask, const FeedbackFilter& filter) {
  std::int64_t gone = 0;
  bool is_written = false;
  const Result<void> done = with_records(ask, [&](Records& records) -> Result<void> {
    ATTUNE_ASSIGN(const std::vector<Feedback> feedback,
                  records.feedback_of(filter, kFeedbackMax));
    ATTUNE_ASSIGN(const Rules rules, records.rules());
    ATTUNE_ASSIGN(const std::int64_t deleted, records.delete_feedback(filter));
    gone = deleted;
    if (is_written) return {};
    is_written = true;
    return writer_.write(ask.call, ask.site, events_of_deleted(ask.site, feedback, rules));
  });
  if (!done) return tl::unexpected<Error>(done.error());
  return gone;
}

Result<Response> GorseApi::delete_pair(const Ask& ask) {
  ATTUNE_ASSIGN(const std::int64_t gone,
                remove_feedback(ask, {.user = ask.value(0), .item = ask.value(1)}));
  return row_affected(static_cast<std::size_t>(gone));
}

Result<Response> GorseApi::delete_one_feedback(const Ask& ask) {
  ATTUNE_ASSIGN(
      const std::int64_t gone,
      remove_feedback(ask,
                      {.user = ask.value(1), .item = ask.value(2), .type = ask.value(0)}));
  return row_affected(static_cast<std::size_t>(gone));
}

Result<Response> GorseApi::get_user_feedback(const Ask& ask) {
  std::vector<Feedback> feedback;
  ATTUNE_ASSIGN(feedback, get<decltype(feedback)>(ask, [&](Records& records) {
    return records.feedback_of({.user = ask.value(0), .type = ask.value(1)}, kFeedbackMax);
  }));
  return Response::json(list_json(feedback));
}

Result<Response> GorseApi::get_item_feedback(const Ask& ask) {
  std::vector<Feedback> feedback;
  ATTUNE_ASSIGN(feedback, get<decltype(feedback)>(ask, [&](Records& records) {
    return records.feedback_of({.item = ask.value(0), .type = ask.value(1)}, kFeedbackMax);
  }));
  return Response::json(list_json(feedback));
}

/// A page of everything as JSON lines; the header names the next page.
Result<Response> GorseApi::export_rows(const Ask& ask) {
  const std::string_view what = ask.value(0);
  ATTUNE_ASSIGN(Page page, page_of(ask, static_cast<std::int64_t>(kExportMax)));
  if (!ask.call.query.get("n")) page.count = kExportMax;
  ATTUNE_ASSIGN(const std::vector<std::string> after,
                read_cursor(page.cursor, what == "feedback" ? 3 : 1));
  Response response;
  std::string next;
  const auto take = [&](auto rows, auto key) {
    if (rows.size() > page.count) {
      rows.pop_back();
      if (!rows.empty()) next = cursor_of(key(rows.back()));
    }
    response = lines(rows);
  };
  const auto by_id = [](const auto& row) { return std::vector<std::string_view>{row.id}; };
  const Result<void> done = with_records(ask, [&](Records& records) -> Result<void> {
    if (what == "users") {
      ATTUNE_ASSIGN(auto users, records.users(after[0], page.count + 1));
      take(std::move(users), by_id);
    } else if (what == "items") {
      ATTUNE_ASSIGN(auto items, records.items(after[0], page.count + 1, std::nullopt));
      take(std::move(items), by_id);
    } else if (what == "feedback") {
      ATTUNE_ASSIGN(auto feedback, records.feedback_page("", after, page.count + 1));
      take(std::move(feedback), key_of);
    } else {
      return fail(ErrorCode::not_found, "bulk exports are users, items and feedback");
    }
    return {};
  });
  if (!done) return tl::unexpected<Error>(done.error());
  if (!next.empty()) response.with("X-Next-Cursor", next);
  return response;
}

/// What an export gave, or as many lines of one's own: all of them or none.
Result<Response> GorseApi::import_rows(const Ask& ask) {
  const std::string_view what = ask.value(0);
  const std::string body = list_of_lines(ask.body());
  if (what == "users") {
    ATTUNE_ASSIGN(const std::vector<User> users, read_users(body, Shape::list));
    return store_users(ask, users);
  }
  if (what == "items") {
    ATTUNE_ASSIGN(const std::vector<Item> items, read_items(body, Shape::list));
    return store_items(ask, items);
  }
  if (what == "feedback") {
    ATTUNE_ASSIGN(std::vector<Feedback> feedback, read_feedback(body, ask.now_ms() * 1000));
    return store_feedback(ask, std::move(feedback), false);
  }
  return fail(ErrorCode::not_found, "bulk imports are users, items and feedback");
}

}  // namespace attune::serve::gorse
