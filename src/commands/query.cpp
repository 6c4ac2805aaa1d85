#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "commands/commands.h"

namespace attune::commands {
namespace {

namespace json = boost::json;

/// UTF-8 code points, which is what a terminal column holds for most texts.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string cell_text(const json::value& value) {
  if (value.is_null()) return "";
  if (const json::string* text = value.if_string()) return std::string(*text);
  if (const double* number = value.if_double()) return fmt::format("{}", *number);
  return json::serialize(value);
}

std::string csv_cell(const json::value& value) {
  const std::string text = cell_text(value);
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

void print_json(const std::vector<std::string>& names, const json::array& rows) {
  fmt::print("[");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    json::object object;
    for (std::size_t c = 0; c < names.size(); ++c) object[names[c]] = rows[i].as_array().at(c);
    fmt::print("{}{}", i == 0 ? "\n" : ",\n", json::serialize(object));
  }
  fmt::print("{}]\n", rows.empty() ? "" : "\n");
}

void print_csv(const std::vector<std::string>& names, const json::array& rows) {
  for (std::size_t c = 0; c < names.size(); ++c) {
    fmt::print("{}{}", c == 0 ? "" : ",", csv_cell(json::string(names[c])));
  }
  fmt::print("\n");
  for (const json::value& row : rows) {
    const json::array& cells = row.as_array();
    for (std::size_t c = 0; c < cells.size(); ++c) {
      fmt::print("{}{}", c == 0 ? "" : ",", csv_cell(cells[c]));
    }
    fmt::print("\n");
  }
}

void print_table(const std::vector<std::string>& names, const json::array& rows) {
  std::vector<std::size_t> widths(names.size());
  std::vector<bool> numeric(names.size(), !rows.empty());
  for (std::size_t c = 0; c < names.size(); ++c) {
    widths[c] = width_of(names[c]);
    for (const json::value& row : rows) {
      const json::value& cell = row.as_array().at(c);
      widths[c] = std::max(widths[c], width_of(cell_text(cell)));
      if (!cell.is_number() && !cell.is_null()) numeric[c] = false;
    }
  }
  const auto print_cell = [&](std::size_t c, const std::string& text, bool last) {
    const std::string padding(widths[c] - width_of(text), ' ');
    if (numeric[c]) {
      fmt::print("{}{}{}", padding, text, last ? "\n" : "  ");
    } else {
      fmt::print("{}{}", text, last ? "\n" : padding + "  ");
    }
  };
  for (std::size_t c = 0; c < names.size(); ++c) print_cell(c, names[c], c + 1 == names.size());
  for (std::size_t c = 0; c < names.size(); ++c) {
    fmt::print("{}{}", std::string(widths[c], '-'), c + 1 == names.size() ? "\n" : "  ");
  }
  for (const json::value& row : rows) {
    for (std::size_t c = 0; c < names.size(); ++c) {
      print_cell(c, cell_text(row.as_array().at(c)), c + 1 == names.size());
    }
  }
}

}  // namespace

Result<void> run_query(Channel& channel, const QueryCommand& command) {
  const json::object body{{"sql", command.sql}, {"rows_max", command.rows_max}};
  ATTUNE_ASSIGN(const json::value answer,
                channel.call("POST", "/api/v1/query", json::serialize(body)));
  std::vector<std::string> names;
  for (const json::value& column : answer.at("columns").as_array()) {
    names.emplace_back(column.at("name").as_string());
  }
  const json::array& rows = answer.at("rows").as_array();
  if (command.format == "json") {
    print_json(names, rows);
  } else if (command.format == "csv") {
    print_csv(names, rows);
  } else {
    print_table(names, rows);
  }
  if (answer.at("truncated").as_bool()) {
    fmt::print(stderr, "only the first {} rows; --rows N for more\n", rows.size());
  }
  return {};
}

}  // namespace attune::commands
