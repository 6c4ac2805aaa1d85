#include "store/sql_catalog.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <set>

#include <fmt/format.h>

namespace attune::embedded {
std::span<const File> sql_files();   // generated: cmake/AttuneEmbed.cmake
}

namespace attune::store {

namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Walks SQL text token by token, as far as splitting needs: it knows what hides a ';' or a '$1'.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool done() const { return at_ >= text_.size(); }
  std::size_t at() const { return at_; }

  enum class Kind : std::uint8_t { blank, semicolon, parameter, other };

  // Steps over one token; `parameter` is the number of a $n.
  Kind next(int& parameter) {
    const char c = text_[at_];
    if (std::isspace(static_cast<unsigned char>(c)) != 0) return ++at_, Kind::blank;
    if (starts("--")) return skip_to("\n", 2), Kind::blank;
    if (starts("/*")) return skip_block_comment(), Kind::blank;
    if (c == ';') return ++at_, Kind::semicolon;
    if (c == '\'' || c == '"') return skip_quoted(c), Kind::other;
    if (c == '$') return dollar(parameter);
    if (is_word(c)) {
      while (!done() && (is_word(text_[at_]) || text_[at_] == '$')) ++at_;
      return Kind::other;
    }
    return ++at_, Kind::other;
  }

 private:
  bool starts(std::string_view with) const { return text_.substr(at_, with.size()) == with; }

  void skip_to(std::string_view end, std::size_t opening) {
    const std::size_t found = text_.find(end, at_ + opening);
    at_ = found == std::string_view::npos ? text_.size() : found + end.size();
  }

  void skip_block_comment() {   // they nest, in both dialects
    int depth = 0;
    do {
      if (starts("/*")) ++depth, at_ += 2;
      else if (starts("*/")) --depth, at_ += 2;
      else ++at_;
    } while (depth > 0 && !done());
  }

  void skip_quoted(char quote) {   // a doubled quote is an empty string beside the first: same end
    skip_to(std::string_view(&quote, 1), 1);
  }

  Kind dollar(int& parameter) {
    std::size_t end = at_ + 1;
    if (end < text_.size() && std::isdigit(static_cast<unsigned char>(text_[end])) != 0) {
      parameter = 0;
      for (; end < text_.size() && std::isdigit(static_cast<unsigned char>(text_[end])) != 0;
           ++end) {
        parameter = std::min(parameter * 10 + (text_[end] - '0'), 10'000);
      }
      at_ = end;
      return Kind::parameter;
    }
    while (end < text_.size() && is_word(text_[end])) ++end;
    if (end < text_.size() && text_[end] == '$') {   // $tag$ ... $tag$
      const std::string_view tag = text_.substr(at_, end + 1 - at_);
      skip_to(tag, tag.size());
    } else {
      ++at_;
    }
    return Kind::other;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

std::string_view word_of(std::string_view& text) {
  text = trimmed(text);
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  return word;
}

// The lists of the leading comment: lines of an entry are indented by three blanks after "--", the
// continuation of a long note by more.
void read_header(SqlFile& file) {
  constexpr std::string_view kEntry = "--   ";
  enum class Part : std::uint8_t { prose, parameters, columns };
  Part part = Part::prose;
  std::string_view rest = file.text;
  while (rest.starts_with("--")) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const bool entry = line.starts_with(kEntry) && line.size() > kEntry.size() &&
                       line[kEntry.size()] != ' ';
    std::string_view words = line.substr(2);
    if (!entry) {
      const std::string_view head = trimmed(words);
      if (head == "Parameters") part = Part::parameters;
      else if (head == "Columns") part = Part::columns;
      else if (!line.starts_with(kEntry)) part = Part::prose;
      continue;
    }
    if (part == Part::parameters) {
      word_of(words);   // "$1"
      file.header_parameters.emplace_back(word_of(words));
    } else if (part == Part::columns) {
      file.header_columns.emplace_back(word_of(words));
    }
  }
}

// "report/overview.duckdb.sql" -> {"report/overview", duckdb}; no engine for a common file.
struct FileName {
  std::string path;
  std::optional<Engine> engine;
};

FileName parse_file_name(std::string_view name) {
  std::string_view path = name.substr(0, name.size() - std::string_view(".sql").size());
  for (const Engine engine : {Engine::duckdb, Engine::postgres}) {
    const std::string suffix = fmt::format(".{}", to_string(engine));
    if (path.ends_with(suffix)) {
      return {std::string(path.substr(0, path.size() - suffix.size())), engine};
    }
  }
  return {std::string(path), std::nullopt};
}

}  // namespace

std::string_view to_string(Engine engine) {
  return engine == Engine::duckdb ? "duckdb" : "postgres";
}

std::vector<SqlStatement> split_statements(std::string_view text) {
  std::vector<SqlStatement> statements;
  Scanner scanner(text);
  std::size_t begin = 0;
  bool empty = true;
  std::set<int> parameters;
  const auto finish = [&](std::size_t end) {
    if (!empty) {
      statements.push_back({trimmed(text.substr(begin, end - begin)),
                            std::vector<int>(parameters.begin(), parameters.end())});
    }
    empty = true;
    parameters.clear();
  };
  while (!scanner.done()) {
    const std::size_t at = scanner.at();
    int parameter = 0;
    switch (scanner.next(parameter)) {
      case Scanner::Kind::blank: break;
      case Scanner::Kind::semicolon:
        finish(at);
        begin = scanner.at();
        break;
      case Scanner::Kind::parameter:
        parameters.insert(parameter);
        empty = false;
        break;
      case Scanner::Kind::other: empty = false; break;
    }
  }
  finish(text.size());
  return statements;
}

std::string with_dense_parameters(const SqlStatement& statement) {
  std::string text;
  const std::string_view from = statement.text;
  for (std::size_t at = 0; at < from.size();) {
    int number = 0;
    if (from[at] == '$') {
      const auto read = std::from_chars(from.data() + at + 1, from.data() + from.size(), number);
      const auto found = std::ranges::find(statement.parameters, number);
      if (read.ec == std::errc() && found != statement.parameters.end()) {
        text += fmt::format("${}", found - statement.parameters.begin() + 1);
        at = static_cast<std::size_t>(read.ptr - from.data());
        continue;
      }
    }
    text.push_back(from[at++]);
  }
  return text;
}

SqlCatalog::SqlCatalog(Engine engine) : SqlCatalog(engine, embedded::sql_files()) {}

SqlCatalog::SqlCatalog(Engine engine, std::span<const embedded::File> files) : engine_(engine) {
  for (const embedded::File& each : files) {
    if (!each.path.ends_with(".sql")) continue;
    FileName name = parse_file_name(each.path);
    if (name.engine && *name.engine != engine) continue;
    const auto known = files_.find(name.path);
    if (known != files_.end() && !name.engine) continue;   // the engine's own file is preferred
    SqlFile file{.path = name.path, .text = each.bytes, .file_name = each.path};
    file.statements = split_statements(each.bytes);
    for (const SqlStatement& statement : file.statements) {
      for (const int parameter : statement.parameters) {
        file.parameter_count = std::max(file.parameter_count, parameter);
      }
    }
    read_header(file);
    files_.insert_or_assign(name.path, std::move(file));
  }
}

Result<const SqlFile*> SqlCatalog::find(std::string_view path) const {
  const auto found = files_.find(path);
  if (found == files_.end()) {
    return fail(ErrorCode::not_found,
                fmt::format("no SQL file {} for {}", path, to_string(engine_)));
  }
  return &found->second;
}

}  // namespace attune::store
