#include "store/table_prints.h"

#include <array>
#include <utility>
#include <variant>

namespace attune::store {
namespace {

/// A count of a large table may take its time: nobody waits for it on a screen.
constexpr QueryOptions kPatient{.rows_max = 10'000, .timeout_ms = 3'600'000};

Result<std::vector<std::string>> table_names(Session& session) {
  ATTUNE_ASSIGN(const Rows rows, session.query("store/tables", {}, kPatient));
  std::vector<std::string> names;
  for (const auto& row : rows.rows) names.push_back(std::get<std::string>(row[0]));
  return names;
}

}  // namespace

Result<std::vector<TablePrint>> print_tables(Session& session) {
  ATTUNE_ASSIGN(const auto names, table_names(session));
  std::vector<TablePrint> prints;
  for (const std::string& name : names) {
    const std::array parameters{Value{name}};
    ATTUNE_ASSIGN(const Rows rows, session.query("store/fingerprint", parameters, kPatient));
    const auto& row = rows.rows.at(0);
    prints.push_back({name, std::get<std::int64_t>(row[0]), std::get<std::string>(row[1])});
  }
  return prints;
}

Result<void> copy_tables(Session& from, Session& to, const CopyListener& listener) {
  ATTUNE_ASSIGN(const auto names, table_names(from));
  ATTUNE_TRY(to.begin());
  const auto copy_all = [&]() -> Result<void> {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (listener) listener(names[i], static_cast<double>(i) / static_cast<double>(names.size()));
      auto copied = from.copy_table(names[i], to);
      if (!copied) return pass(copied, "copying " + names[i]);
    }
    return from.copy_sequences(to);
  };
  if (auto copied = copy_all(); !copied) {
    static_cast<void>(to.rollback());   // the first error says what went wrong
    return copied;
  }
  return to.commit();
}

}  // namespace attune::store
