#include "commands/answer_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string_view>
#include <vector>

namespace attune::commands {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongText = 40;   // characters

std::string scalar_text(const json::value& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return std::string(value.as_string());
  if (const double* number = value.if_double()) return fmt::format("{:.6g}", *number);
  return json::serialize(value);
}

bool is_scalar(const json::value& value) { return !value.is_object() && !value.is_array(); }

struct TableColumn {
  std::string name;
  bool is_number = true;
  std::size_t width = 0;
};

std::vector<TableColumn> columns_of(const json::array& rows) {
  std::vector<TableColumn> columns;
  for (const json::value& row : rows) {
    for (const auto& [key, value] : row.as_object()) {
      if (!is_scalar(value) || value.is_null()) continue;
      const std::string name(key);
      auto found = std::ranges::find(columns, name, &TableColumn::name);
      if (found == columns.end()) {
        columns.push_back({name, true, name.size()});
        found = columns.end() - 1;
      }
      found->is_number &= value.is_number();
      found->width = std::max(found->width, scalar_text(value).size());
    }
  }
  std::ranges::stable_partition(
      columns, [](const TableColumn& column) { return column.width <= kLongText; });
  return columns;
}

std::string table(const json::array& rows, const std::string& indent) {
  const std::vector<TableColumn> columns = columns_of(rows);
  std::string text;
  const auto line = [&](auto&& cell_of) {
    std::string cells;
    for (const TableColumn& column : columns) {
      cells += column.is_number ? fmt::format("  {:>{}}", cell_of(column), column.width)
                                : fmt::format("  {:<{}}", cell_of(column), column.width);
    }
    cells.erase(cells.find_last_not_of(' ') + 1);
    text += indent + cells + "\n";
  };
  line([](const TableColumn& column) { return column.name; });
  for (const json::value& row : rows) {
    line([&](const TableColumn& column) {
      const json::value* value = row.as_object().if_contains(column.name);
      return value != nullptr && is_scalar(*value) ? scalar_text(*value) : std::string();
    });
  }
  return text;
}

void append(const json::value& value, const std::string& indent, std::string& text) {
  for (const auto& [key, member] : value.as_object()) {
    const std::string_view name(key);
    if (member.is_object()) {
      text += fmt::format("{}{}\n", indent, name);
      append(member, indent + "  ", text);
    } else if (member.is_array()) {
      const json::array& items = member.as_array();
      if (items.empty()) continue;
      text += fmt::format("{}{}\n", indent, name);
      if (std::ranges::all_of(items, [](const json::value& item) { return item.is_object(); })) {
        text += table(items, indent);
      } else {
        for (const json::value& item : items) {
          text += fmt::format("{}  {}\n", indent, scalar_text(item));
        }
      }
    } else {
      text += fmt::format("{}{:<24} {}\n", indent, name, scalar_text(member));
    }
  }
}

}  // namespace

std::string answer_text(const json::value& value) {
  std::string text;
  append(value, "", text);
  return text;
}

}  // namespace attune::commands
