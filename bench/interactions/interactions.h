// A year of a shop's interactions as the RL document sizes it: 500,000 a day, 50 by an active user.
//
// Distributions, all drawn from one seed:
//   population  200,000 users; activity of the k-th is 1/k^0.8; users of a day are drawn by it
//   session     1 + geometric sessions a user and day (mean 2); ids are random 128-bit numbers as
//               text; begin spread over the day with a noon and an evening peak; device of the
//               user, referrer of the session
//   length      1 + geometric interactions a session (mean 25); exponential gaps, mean 40 s
//   product     50,000, the k-th 1/k popular, in 40 categories; a user keeps to 3 categories in 7
//               of 10 interactions
//   type        VIEW 70 %, CLICK 18 %, CART_ADD 6 %, WISHLIST 3 %, PURCHASE 1.5 %, REMOVE_CART
//               1.2 %, REMOVE_WISHLIST 0.3 %
//   context     the members of the document's example: category of the product, one of 5 price
//               ranges of the category, device, referrer, position 1 to 24 falling by halves, page
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace attune::bench {

struct InteractionRow {
  std::int64_t user_id = 0;
  std::int64_t product_id = 0;
  std::int64_t time_ms = 0;
  std::uint32_t session = 0;       // index into Day::sessions
  std::uint32_t context = 0;       // index into Day::contexts
  std::uint8_t type = 0;
};

struct Day {
  std::vector<std::string> sessions;
  std::vector<std::string> contexts;
  std::vector<InteractionRow> rows;   // by time
};

struct InteractionType {
  const char* name;
  double share;
  double reward;
};
inline constexpr InteractionType kInteractionTypes[] = {
    {"VIEW", 0.70, 0.1},   {"CLICK", 0.18, 0.5},        {"CART_ADD", 0.06, 2},
    {"WISHLIST", 0.03, 1},    {"PURCHASE", 0.015, 10},     {"REMOVE_CART", 0.012, -1},
    {"REMOVE_WISHLIST", 0.003, -0.5}};

class InteractionYear {
 public:
  InteractionYear(std::uint64_t seed, std::string site);

  /// The day that begins at `begin_ms`; `rows` interactions of it.
  Day day(std::int64_t begin_ms, std::size_t rows);

  /// Somebody, as likely as they are active.
  std::int64_t active_user();
  /// Somebody of the population, all alike.
  std::int64_t any_user();

 private:
  std::size_t draw(const std::vector<double>& cumulative);
  void add_session(std::size_t user, std::int64_t begin_ms, Day& day);
  void add_context(std::size_t product, std::size_t user, const char* referrer, Day& day);

  std::mt19937_64 random_;
  std::string site_;
  std::vector<double> activity_;     // cumulative
  std::vector<double> popularity_;   // cumulative
};

}  // namespace attune::bench
