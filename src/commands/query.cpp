#include <fmt/format.h>

#include <simdjson.h>

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

/// One value of the answer: as people and CSV read it, and as JSON. Numbers keep every digit.
struct Cell {
  std::string text;
  std::string json;
  bool is_number = false;
  bool is_null = false;
};

using Row = std::vector<Cell>;

Cell read_cell(const simdjson::dom::element& value) {
  using simdjson::dom::element_type;
  Cell cell;
  switch (value.type()) {
    case element_type::NULL_VALUE: cell.is_null = true; break;
    case element_type::STRING: cell.text = std::string(std::string_view(value)); break;
    case element_type::DOUBLE: cell.text = fmt::format("{}", double(value)); break;
    default: cell.text = simdjson::minify(value);
  }
  cell.is_number = value.is_number();
  cell.json = value.type() == element_type::DOUBLE ? cell.text : simdjson::minify(value);
  return cell;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

void print_json(const std::vector<std::string>& names, const std::vector<Row>& rows) {
  fmt::print("[");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    fmt::print("{}", i == 0 ? "\n{" : ",\n{");
    for (std::size_t c = 0; c < names.size(); ++c) {
      fmt::print("{}{}:{}", c == 0 ? "" : ",", json::serialize(json::string(names[c])),
                 rows[i][c].json);
    }
    fmt::print("}}");
  }
  fmt::print("{}]\n", rows.empty() ? "" : "\n");
}

void print_csv(const std::vector<std::string>& names, const std::vector<Row>& rows) {
  for (std::size_t c = 0; c < names.size(); ++c) {
    fmt::print("{}{}", c == 0 ? "" : ",", csv_cell(names[c]));
  }
  fmt::print("\n");
  for (const Row& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      fmt::print("{}{}", c == 0 ? "" : ",", csv_cell(row[c].text));
    }
    fmt::print("\n");
  }
}

void print_table(const std::vector<std::string>& names, const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(names.size());
  std::vector<bool> numeric(names.size(), !rows.empty());
  for (std::size_t c = 0; c < names.size(); ++c) {
    widths[c] = width_of(names[c]);
    for (const Row& row : rows) {
      widths[c] = std::max(widths[c], width_of(row[c].text));
      if (!row[c].is_number && !row[c].is_null) numeric[c] = false;
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
  for (const Row& row : rows) {
    for (std::size_t c = 0; c < names.size(); ++c) {
      print_cell(c, row[c].text, c + 1 == names.size());
    }
  }
}

struct QueryAnswer {
  std::vector<std::string> names;
  std::vector<Row> rows;
  bool truncated = false;
};

Result<QueryAnswer> read_query_answer(const std::string& text) {
  QueryAnswer answer;
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  simdjson::dom::array columns;
  simdjson::dom::array rows;
  if (parser.parse(text).get(document) || document["columns"].get_array().get(columns) ||
      document["rows"].get_array().get(rows) ||
      document["truncated"].get_bool().get(answer.truncated)) {
    return fail(ErrorCode::internal, "the answer to the query is not of the form expected");
  }
  for (const simdjson::dom::element column : columns) {
    std::string_view name;
    if (column["name"].get_string().get(name)) name = {};
    answer.names.emplace_back(name);
  }
  for (const simdjson::dom::element row : rows) {
    simdjson::dom::array cells;
    if (row.get_array().get(cells) || cells.size() != answer.names.size()) {
      return fail(ErrorCode::internal, "a row of the answer has another width than its columns");
    }
    Row& made = answer.rows.emplace_back();
    for (const simdjson::dom::element cell : cells) made.push_back(read_cell(cell));
  }
  return answer;
}

}  // namespace

Result<void> run_query(Channel& channel, const QueryCommand& command) {
  json::object body{{"sql", command.sql}, {"rows_max", command.rows_max}};
  if (command.archive) body["archive"] = true;
  ATTUNE_ASSIGN(const std::string text,
                channel.call_text("POST", "/api/v1/query", json::serialize(body)));
  ATTUNE_ASSIGN(const QueryAnswer answer, read_query_answer(text));
  if (command.format == "json") {
    print_json(answer.names, answer.rows);
  } else if (command.format == "csv") {
    print_csv(answer.names, answer.rows);
  } else {
    print_table(answer.names, answer.rows);
  }
  if (answer.truncated) {
    fmt::print(stderr, "only the first {} rows; --rows N for more\n", answer.rows.size());
  }
  return {};
}

}  // namespace attune::commands
