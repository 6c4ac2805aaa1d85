#include "campaign/test_rules.h"

#include <boost/json.hpp>
#include <string>
#include <variant>

#include "base/ensure.h"
#include "experiment/life_cycle.h"

namespace attune::campaign {
namespace {

namespace json = boost::json;

constexpr std::size_t kFirstColumn = 2;   // behind id and user_id

}  // namespace

Result<void> check_design(const Table& table, const Row* before, const Row& after) {
  if (table.name != "ab_tests") return {};
  const auto column = table.find("design");
  ensure(column.has_value(), "a test has a design");
  const store::Value& value = after[kFirstColumn + *column];
  const auto* text = std::get_if<store::Json>(&value);
  const bool is_kept = before != nullptr && (*before)[kFirstColumn + *column] == value;
  if (text == nullptr || is_kept) return {};
  json::error_code problem;
  const json::value design = json::parse(text->text, problem);
  if (problem || !design.is_object()) {
    return fail(ErrorCode::invalid_argument, "must be an object, nested at most 32 deep",
                "design");
  }
  return experiment::check_targeting(design.get_object());
}

}  // namespace attune::campaign
