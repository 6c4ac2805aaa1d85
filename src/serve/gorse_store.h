// The rows behind Gorse's API: users, items as products, feedback, and lists made of interactions.
// One object serves one request, on the connection it is given.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "serve/gorse.h"
#include "store/store.h"

namespace attune::serve::gorse {

/// A site's rules. Types of feedback are looked up without regard to case.
struct Rules {
  std::map<std::string, std::string> kinds;  // type, kind of event; a type not here is custom
  bool rejects_unknown = false;              // ids that nobody inserted; else they are inserted

  static Rules standard();
  /// The event's kind, or empty: custom.
  std::string_view kind_of(std::string_view type) const;
  /// Whether it says that the user likes the item, and not only that it was seen.
  bool is_positive(std::string_view type) const;
};

/// Which rows a list of items is of.
struct ListOptions {
  std::size_t count = 10;
  std::size_t skip = 0;
  std::vector<std::string> categories{};  // items that are in all of these
  std::string without_user{};             // not what this user gave feedback on; empty: all
};

/// Which feedback; empty texts: any.
struct FeedbackFilter {
  std::string_view user{};
  std::string_view item{};
  std::string_view type{};
};

class Records {
 public:
  /// session   outlives this object.
  Records(store::Session& session, const Uuid& site, std::int64_t now_ms);

  [[nodiscard]] Result<Rules> rules();
  [[nodiscard]] Result<void> set_rules(const Rules& rules);

  [[nodiscard]] Result<void> put_users(const std::vector<User>& users);
  [[nodiscard]] Result<std::vector<User>> users(std::string_view after, std::size_t count);
  [[nodiscard]] Result<std::optional<User>> user(std::string_view id);
  [[nodiscard]] Result<void> patch_user(std::string_view id, const UserPatch& patch);
  [[nodiscard]] Result<void> delete_user(std::string_view id);

  [[nodiscard]] Result<void> put_items(const std::vector<Item>& items);
  /// text   null: all; else only items that have it in id, name, comment or labels.
  [[nodiscard]] Result<std::vector<Item>> items(std::string_view after, std::size_t count,
                                                std::optional<std::string_view> text);
  [[nodiscard]] Result<std::optional<Item>> item(std::string_view id);
  /// Returns  whether there is such an item.
  [[nodiscard]] Result<bool> patch_item(std::string_view id, const ItemPatch& patch);
  [[nodiscard]] Result<bool> delete_item(std::string_view id);

  /// Makes the users and items of feedback, or refuses it, as the rules say.
  /// Errors  invalid_argument: names the first that is not there.
  [[nodiscard]] Result<void> settle_ids(const std::vector<Feedback>& feedback, const Rules& rules);
  [[nodiscard]] Result<void> put_feedback(const std::vector<Feedback>& feedback, bool adds);
  [[nodiscard]] Result<std::vector<Feedback>> feedback_page(std::string_view type,
                                                            const std::vector<std::string>& after,
                                                            std::size_t count);
  [[nodiscard]] Result<std::vector<Feedback>> feedback_of(const FeedbackFilter& filter,
                                                          std::size_t count);
  [[nodiscard]] Result<std::int64_t> delete_feedback(const FeedbackFilter& filter);
  /// Items that a user gave feedback on, newest first.
  [[nodiscard]] Result<std::vector<std::string>> items_of_user(std::string_view user,
                                                               std::size_t count);

  [[nodiscard]] Result<std::vector<Score>> latest(const ListOptions& options);
  /// days, half_life_days   how far back people are counted, and when one counts half.
  [[nodiscard]] Result<std::vector<Score>> popular(const ListOptions& options, std::int64_t days,
                                                   double half_life_days);
  /// Items that go with the given ones, by the people they share.
  [[nodiscard]] Result<std::vector<Score>> item_neighbours(const std::vector<std::string>& items,
                                                           const ListOptions& options);
  [[nodiscard]] Result<std::vector<Score>> user_neighbours(std::string_view user,
                                                           const ListOptions& options);

 private:
  Result<std::vector<User>> read_users(std::string_view after, std::size_t count,
                                       std::optional<std::string_view> only);
  Result<std::vector<Item>> read_items(std::string_view after, std::size_t count,
                                       std::optional<std::string_view> only,
                                       std::optional<std::string_view> text);
  Result<std::vector<Score>> list(std::string_view file, const ListOptions& options,
                                  std::vector<store::Value> more);
  Result<void> refuse_unknown(std::string_view file, std::string_view what,
                              const std::set<std::string_view>& ids);
  store::Value days_ago(std::int64_t days) const;

  store::Session& session_;
  const std::string site_;
  const store::Timestamp now_;
};

}  // namespace attune::serve::gorse
