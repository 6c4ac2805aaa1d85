// Gorse's REST API below /gorse/api, so that its clients work unchanged: paths and quirks are
// Gorse's, data and models are ours. docs/gorse.md is the specification.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decide/decider.h"
#include "serve/gorse_events.h"
#include "serve/gorse_store.h"
#include "serve/routes.h"

namespace attune::serve::gorse {

/// One request whose key and path are known.
struct Ask {
  const Call& call;
  const event::Site& site;
  std::vector<std::string> values;  // of the path's placeholders, decoded

  std::string_view value(std::size_t index) const {
    return index < values.size() ? std::string_view(values[index]) : std::string_view();
  }
  std::string_view body() const { return call.request().body; }
  std::int64_t now_ms() const { return call.request().received_ms; }
};

class GorseApi {
 public:
  /// api   outlives this object.
  explicit GorseApi(ApiContext& api) : api_(api), writer_(api) {}

  /// Answers any request below /gorse/api/.
  Response answer(const Call& call);
  /// Nothing when whoever asks may send a large body.
  std::optional<Response> refuse_large(const Request& request) const;

  /// The site's rules, for our own API.
  [[nodiscard]] Result<Response> get_rules(const Call& call);
  [[nodiscard]] Result<Response> put_rules(const Call& call);

 private:
  struct Endpoint;
  static const std::vector<Endpoint>& endpoints();
  Result<Response> dispatch(const Call& call);
  Result<const event::Site*> site_of(const Request& request, const event::SiteSnapshot& sites,
                                     Scope needed) const;

  // gorse_records.cpp
  Result<Response> post_user(const Ask& ask);
  Result<Response> post_users(const Ask& ask);
  Result<Response> get_user(const Ask& ask);
  Result<Response> patch_user(const Ask& ask);
  Result<Response> delete_user(const Ask& ask);
  Result<Response> get_users(const Ask& ask);
  Result<Response> post_item(const Ask& ask);
  Result<Response> post_items(const Ask& ask);
  Result<Response> get_item(const Ask& ask);
  Result<Response> patch_item(const Ask& ask);
  Result<Response> delete_item(const Ask& ask);
  Result<Response> get_items(const Ask& ask);
  Result<Response> put_category(const Ask& ask);
  Result<Response> delete_category(const Ask& ask);
  Result<Response> post_feedback(const Ask& ask);
  Result<Response> put_feedback(const Ask& ask);
  Result<Response> get_feedback(const Ask& ask);
  Result<Response> get_pair(const Ask& ask);
  Result<Response> get_one_feedback(const Ask& ask);
  Result<Response> delete_pair(const Ask& ask);
  Result<Response> delete_one_feedback(const Ask& ask);
  Result<Response> get_user_feedback(const Ask& ask);
  Result<Response> get_item_feedback(const Ask& ask);
  Result<Response> export_rows(const Ask& ask);
  Result<Response> import_rows(const Ask& ask);
  Result<Response> store_users(const Ask& ask, const std::vector<User>& users);
  Result<Response> store_items(const Ask& ask, const std::vector<Item>& items);
  Result<Response> store_feedback(const Ask& ask, std::vector<Feedback> feedback, bool adds);
  Result<std::int64_t> remove_feedback(const Ask& ask, const FeedbackFilter& filter);
  Result<Response> change_category(const Ask& ask, bool adds);

  // gorse_lists.cpp
  Result<Response> recommend(const Ask& ask);
  Result<Response> collaborative(const Ask& ask);
  Result<Response> latest(const Ask& ask);
  Result<Response> popular(const Ask& ask);
  Result<Response> non_personalized(const Ask& ask);
  Result<Response> item_to_item(const Ask& ask);
  Result<Response> user_to_user(const Ask& ask);
  Result<Response> item_neighbours(const Ask& ask);
  Result<Response> user_neighbours(const Ask& ask);
  Result<Response> session_recommend(const Ask& ask);
  Result<Response> neighbours_of_item(const Ask& ask, std::string_view item,
                                      std::string_view category);
  Result<Response> neighbours_of_user(const Ask& ask, std::string_view user);
  Result<Response> ranking(const Ask& ask, std::string_view name, std::string_view category);
  Result<ListOptions> list_options(const Ask& ask, std::string_view category) const;
  Result<std::vector<Score>> related(const Ask& ask, Records& records,
                                     const std::vector<std::string>& items,
                                     const ListOptions& options,
                                     std::span<const std::string_view> strategies, bool together);
  Result<void> write_back(const Ask& ask, const decide::Answer& answer,
                          const std::vector<Score>& scores);
  Response scores(const Ask& ask, const std::vector<Score>& list) const;

  /// Runs `work` on a connection that sees only the site's rows, and keeps what it wrote. A write
  /// that somebody else's came in the way of (the ETL stores products as well) is tried again.
  [[nodiscard]] Result<void> with_records(const Ask& ask,
                                          const std::function<Result<void>(Records&)>& work);
  /// The same for what `work` gives.
  template <class T, class Work>
  [[nodiscard]] Result<T> get(const Ask& ask, Work work) {
    std::optional<T> found;
    const Result<void> done = with_records(ask, [&](Records& records) -> Result<void> {
      Result<T> made = work(records);
      if (!made) return tl::unexpected<Error>(made.error());
      found = std::move(*made);
      return {};
    });
    if (!done) return tl::unexpected<Error>(done.error());
    return std::move(*found);
  }
  void items_changed(const event::Site& site) const;

  ApiContext& api_;
  EventWriter writer_;
};

/// Of a request without an option, and the most of any list.
inline constexpr std::int64_t kCountDefault = 10;
inline constexpr std::int64_t kCountMax = 1000;
inline constexpr std::int64_t kOffsetMax = 100'000;

Response row_affected(std::size_t rows);

}  // namespace attune::serve::gorse
