#include "campaign/template/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "campaign/template/lexer.h"
#include "campaign/template/template.h"

namespace attune::campaign::liquid {
namespace {

namespace json = boost::json;

/// A piece of the source: text, or what stands in `{{ }}` or `{% %}`.
struct Piece {
  enum class Kind : std::uint8_t { text, output, tag } kind = Kind::text;
  std::size_t begin = 0;  // of what is inside
  std::size_t end = 0;
  std::size_t after = 0;  // behind the closing braces
  bool trim_before = false;
  bool trim_after = false;
};

constexpr std::size_t kClosingBytesMax = 64;   // of {% endraw %}, with its spaces

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Parser {
 public:
  explicit Parser(std::string_view source) : source_(source) {}

  Result<std::vector<Node>> run() {
    ATTUNE_ASSIGN(std::vector<Node> nodes, block({}));
    if (!stopped_.empty()) {
      return refuse(tag_begin_, fmt::format("{{% {} %}} closes nothing", stopped_));
    }
    return nodes;
  }

 private:
  using Stops = std::vector<std::string_view>;

  /// position_at, which goes on from the last place it was asked for.
  Position place(std::size_t offset) {
    if (offset < known_offset_) {
      known_offset_ = 0;
      known_ = {};
    }
    const Position more = position_at(source_.substr(known_offset_), offset - known_offset_);
    known_.column = more.line == 1 ? known_.column + more.column - 1 : more.column;
    known_.line += more.line - 1;
    known_offset_ = offset;
    return known_;
  }

  tl::unexpected<Error> refuse(std::size_t offset, std::string_view message) const {
    return Lexer::refuse_at(source_, offset, message);
  }

  /// The piece at `at_`: text up to the next opening, or the opening itself.
  Result<Piece> piece() {
    const std::size_t open = next_open(at_);
    if (open > at_) return Piece{Piece::Kind::text, at_, open, open};
    Piece found;
    found.kind = source_[at_ + 1] == '{' ? Piece::Kind::output : Piece::Kind::tag;
    const char* const closing = found.kind == Piece::Kind::output ? "}}" : "%}";
    found.begin = at_ + 2;
    const std::size_t close = find_close(found.begin, closing);
    if (close == std::string_view::npos) {
      return refuse(at_, fmt::format("is never closed by {}", closing));
    }
    found.end = close;
    found.after = close + 2;
    if (found.begin < found.end && source_[found.begin] == '-') {
      found.trim_before = true;
      ++found.begin;
    }
    if (found.end > found.begin && source_[found.end - 1] == '-') {
      found.trim_after = true;
      --found.end;
    }
    return found;
  }

  std::size_t next_open(std::size_t from) const {
    for (std::size_t i = from; i + 1 < source_.size(); ++i) {
      if (source_[i] == '{' && (source_[i + 1] == '{' || source_[i + 1] == '%')) return i;
    }
    return source_.size();
  }

  /// Closing braces outside of quotes.
  std::size_t find_close(std::size_t from, std::string_view closing) const {
    char quote = 0;
    for (std::size_t i = from; i < source_.size(); ++i) {
      const char c = source_[i];
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (source_.substr(i, closing.size()) == closing) {
        return i;
      }
    }
    return std::string_view::npos;
  }

  void add_text(std::vector<Node>& nodes, std::size_t begin, std::size_t end) {
    Node node;
    node.at = place(begin);
    std::string_view text = source_.substr(begin, end - begin);
    if (std::exchange(trim_next_, false)) {
      while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    }
    node.text = text;
    if (!node.text.empty()) nodes.push_back(std::move(node));
  }

  static void trim_last(std::vector<Node>& nodes) {
    if (nodes.empty() || nodes.back().kind != NodeKind::text) return;
    std::string& text = nodes.back().text;
    while (!text.empty() && is_space(text.back())) text.pop_back();
    if (text.empty()) nodes.pop_back();
  }

  /// Nodes up to one of the tags of `stops`, whose name and rest are then in stopped_ and tag_;
  /// at the end of the source stopped_ is empty.
  Result<std::vector<Node>> block(const Stops& stops) {
    std::vector<Node> nodes;
    while (at_ < source_.size()) {
      ATTUNE_ASSIGN(const Piece found, piece());
      tag_begin_ = at_;
      at_ = found.after;
      if (found.kind == Piece::Kind::text) {
        add_text(nodes, found.begin, found.end);
        continue;
      }
      if (found.trim_before) trim_last(nodes);
      trim_next_ = found.trim_after;
      if (++count_ > kNodesMax) return refuse(tag_begin_, "the template has too many parts");
      Lexer words(source_, found.begin, found.end);
      ATTUNE_TRY(words.advance());
      if (found.kind == Piece::Kind::output) {
        ATTUNE_ASSIGN(Node made, output(words));
        nodes.push_back(std::move(made));
        continue;
      }
      if (words.peek().kind != TokenKind::name) return words.refuse("a tag begins with its name");
      ATTUNE_ASSIGN(const Token name, words.take());
      const bool closes = std::ranges::find(stops, name.text) != stops.end();
      if (closes || is_closing(name.text)) {
        stopped_ = name.text;
        tag_ = words;
        return nodes;
      }
      ATTUNE_TRY(tag(name.text, words, nodes));
    }
    stopped_ = {};
    return nodes;
  }

  static bool is_closing(std::string_view name) {
    return name.starts_with("end") || name == "else" || name == "elsif" || name == "when";
  }

  Result<Node> output(Lexer& words) {
    Node node;
    node.kind = NodeKind::output;
    node.at = place(tag_begin_);
    ATTUNE_ASSIGN(node.expression, expression(words));
    ATTUNE_TRY(done(words));
    return node;
  }

  static Result<void> done(const Lexer& words) {
    if (words.at_end()) return {};
    return words.refuse(fmt::format("\"{}\" is not expected here", words.peek().text));
  }

  Result<void> tag(std::string_view name, Lexer& words, std::vector<Node>& nodes) {
    if (name == "comment" || name == "raw") return verbatim(name, words, nodes);
    Node node;
    node.at = place(tag_begin_);
    const std::size_t begin = tag_begin_;
    if (++depth_ > kNestingMax) {
      return refuse(begin, fmt::format("is nested deeper than {}", kNestingMax));
    }
    Result<void> made = fill(name, words, node);
    --depth_;
    if (!made) return made;
    nodes.push_back(std::move(node));
    return {};
  }

  Result<void> fill(std::string_view name, Lexer& words, Node& node) {
    if (name == "if" || name == "unless") return choose(name, words, node);
    if (name == "case") return switch_on(words, node);
    if (name == "for") return loop(words, node);
    if (name == "assign") return assign(words, node);
    if (name == "abort_message") return abort(words, node);
    if (name == "break" || name == "continue") {
      node.kind = name == "break" ? NodeKind::break_ : NodeKind::continue_;
      if (loops_ == 0) return words.refuse("stands in no for");
      return done(words);
    }
    return refuse(tag_begin_,
                  fmt::format("there is no tag {}; there are if, unless, case, for, assign, "
                              "comment, raw, abort_message, break, continue", name));
  }

  Result<void> verbatim(std::string_view name, const Lexer& words, std::vector<Node>& nodes) {
    ATTUNE_TRY(done(words));
    const std::string closing = "end" + std::string(name);
    const std::size_t begin = at_;
    const std::size_t opened = tag_begin_;
    for (std::size_t i = begin; (i = source_.find("{%", i)) != std::string_view::npos; i += 2) {
      const std::size_t length = source_.substr(i, kClosingBytesMax).find("%}");
      if (length == std::string_view::npos) continue;
      const std::size_t close = i + length;
      std::string_view inside = source_.substr(i + 2, close - i - 2);
      const bool trims = inside.starts_with('-');
      while (!inside.empty() && (is_space(inside.front()) || inside.front() == '-')) {
        inside.remove_prefix(1);
      }
      const bool trims_after = inside.ends_with('-');
      while (!inside.empty() && (is_space(inside.back()) || inside.back() == '-')) {
        inside.remove_suffix(1);
      }
      if (inside != closing) continue;
      if (name == "raw") {
        add_text(nodes, begin, i);
        if (trims) trim_last(nodes);
      }
      trim_next_ = trims_after;
      at_ = close + 2;
      return {};
    }
    return refuse(opened, fmt::format("{{% {} %}} is never closed by {{% {} %}}", name, closing));
  }

  Result<void> closed_by(std::string_view closing, std::size_t opened) {
    if (stopped_ == closing) return done(tag_);
    if (stopped_.empty()) {
      return refuse(opened, fmt::format("is never closed by {{% {} %}}", closing));
    }
    return refuse(tag_begin_, fmt::format("{{% {} %}} is not expected here: {{% {} %}} is missing",
                                          stopped_, closing));
  }

  Result<void> choose(std::string_view name, Lexer& words, Node& node) {
    const std::size_t opened = tag_begin_;
    node.kind = NodeKind::choose;
    const std::string closing = "end" + std::string(name);
    Branch branch;
    branch.negate = name == "unless";
    ATTUNE_ASSIGN(branch.condition, condition(words));
    for (bool is_last = false;;) {
      ATTUNE_ASSIGN(branch.body, block({"elsif", "else", closing}));
      node.branches.push_back(std::move(branch));
      branch = {};
      if (is_last || (stopped_ != "elsif" && stopped_ != "else")) break;
      if (stopped_ == "elsif") {
        Lexer rest = tag_;
        ATTUNE_ASSIGN(branch.condition, condition(rest));
      } else {
        ATTUNE_TRY(done(tag_));
        is_last = true;
      }
    }
    return closed_by(closing, opened);
  }

  Result<void> switch_on(Lexer& words, Node& node) {
    const std::size_t opened = tag_begin_;
    node.kind = NodeKind::switch_;
    ATTUNE_ASSIGN(node.expression, expression(words));
    ATTUNE_TRY(done(words));
    ATTUNE_ASSIGN(const std::vector<Node> before, block({"when", "else", "endcase"}));
    for (const Node& each : before) {
      if (each.kind != NodeKind::text || !std::ranges::all_of(each.text, is_space)) {
        return refuse(opened, "only {% when %} may follow {% case %}");
      }
    }
    for (bool is_last = false; !is_last && (stopped_ == "when" || stopped_ == "else");) {
      Branch branch;
      if (stopped_ == "when") {
        Lexer rest = tag_;
        for (;;) {
          ATTUNE_ASSIGN(Operand value, operand(rest));
          branch.values.push_back(std::move(value));
          if (!rest.is(",") && !rest.is("or")) break;
          ATTUNE_TRY(rest.advance());
        }
        ATTUNE_TRY(done(rest));
      } else {
        ATTUNE_TRY(done(tag_));
        is_last = true;
      }
      ATTUNE_ASSIGN(branch.body, block({"when", "else", "endcase"}));
      node.branches.push_back(std::move(branch));
    }
    return closed_by("endcase", opened);
  }

  Result<void> loop(Lexer& words, Node& node) {
    const std::size_t opened = tag_begin_;
    node.kind = NodeKind::loop;
    if (words.peek().kind != TokenKind::name) return words.refuse("a name is expected here");
    ATTUNE_ASSIGN(const Token name, words.take());
    node.text = name.text;
    if (!words.is("in")) return words.refuse("\"in\" is expected here");
    ATTUNE_TRY(words.advance());
    ATTUNE_TRY(loop_source(words, node));
    while (!words.at_end()) {
      ATTUNE_ASSIGN(const Token word, words.take());
      if (word.text == "reversed") {
        node.reversed = true;
        continue;
      }
      if ((word.text != "limit" && word.text != "offset") || !words.is(":")) {
        return refuse(word.offset, "only limit: , offset: and reversed may follow");
      }
      ATTUNE_TRY(words.advance());
      ATTUNE_ASSIGN(Operand value, operand(words));
      (word.text == "limit" ? node.limit : node.offset) = {std::move(value)};
    }
    ++loops_;
    Result<void> bodies = loop_bodies(node);
    --loops_;
    ATTUNE_TRY(std::move(bodies));
    return closed_by("endfor", opened);
  }

  Result<void> loop_bodies(Node& node) {
    Branch body;
    ATTUNE_ASSIGN(body.body, block({"else", "endfor"}));
    node.branches.push_back(std::move(body));
    if (stopped_ != "else") return {};
    ATTUNE_TRY(done(tag_));
    Branch empty;
    ATTUNE_ASSIGN(empty.body, block({"endfor"}));
    node.branches.push_back(std::move(empty));
    return {};
  }

  /// A lookup, or `(1..n)`.
  Result<void> loop_source(Lexer& words, Node& node) {
    node.expression.at = place(words.peek().offset);
    if (!words.is("(")) {
      ATTUNE_ASSIGN(node.expression.base, operand(words));
      return {};
    }
    ATTUNE_TRY(words.advance());
    node.is_range = true;
    ATTUNE_ASSIGN(node.expression.base, operand(words));
    if (!words.is("..")) return words.refuse("\"..\" is expected here");
    ATTUNE_TRY(words.advance());
    ATTUNE_ASSIGN(node.range_end, operand(words));
    if (!words.is(")")) return words.refuse("\")\" is expected here");
    return words.advance();
  }

  Result<void> assign(Lexer& words, Node& node) {
    node.kind = NodeKind::assign;
    if (words.peek().kind != TokenKind::name) return words.refuse("a name is expected here");
    ATTUNE_ASSIGN(const Token name, words.take());
    node.text = name.text;
    if (!words.is("=")) return words.refuse("\"=\" is expected here");
    ATTUNE_TRY(words.advance());
    ATTUNE_ASSIGN(node.expression, expression(words));
    return done(words);
  }

  /// `abort_message('why')`, with or without the parentheses.
  Result<void> abort(Lexer& words, Node& node) {
    node.kind = NodeKind::abort;
    node.expression.base = json::value("aborted by the template");
    node.expression.at = node.at;
    if (words.at_end()) return {};
    const bool wrapped = words.is("(");
    if (wrapped) ATTUNE_TRY(words.advance());
    if (!wrapped || !words.is(")")) {
      ATTUNE_ASSIGN(node.expression, expression(words));
    }
    if (wrapped) {
      if (!words.is(")")) return words.refuse("\")\" is expected here");
      ATTUNE_TRY(words.advance());
    }
    return done(words);
  }

  Result<Expression> expression(Lexer& words) {
    Expression made;
    made.at = place(words.peek().offset);
    ATTUNE_ASSIGN(made.base, operand(words));
    while (words.is("|")) {
      ATTUNE_TRY(words.advance());
      if (words.peek().kind != TokenKind::name) return words.refuse("a filter's name is expected");
      if (made.filters.size() == kFiltersMax) {
        return words.refuse(fmt::format("at most {} filters follow each other", kFiltersMax));
      }
      Filter filter;
      filter.at = place(words.peek().offset);
      ATTUNE_ASSIGN(const Token name, words.take());
      filter.name = name.text;
      while (words.is(filter.arguments.empty() ? ":" : ",")) {
        ATTUNE_TRY(words.advance());
        ATTUNE_ASSIGN(Operand argument, operand(words));
        filter.arguments.push_back(std::move(argument));
        if (filter.arguments.size() > 4) return words.refuse("too many arguments");
      }
      made.filters.push_back(std::move(filter));
    }
    return made;
  }

  Result<Operand> operand(Lexer& words) {
    ATTUNE_ASSIGN(const Token token, words.take());
    switch (token.kind) {
      case TokenKind::text:
        return Operand(json::value(json::string_view(token.text.data(), token.text.size())));
      case TokenKind::number:
        return number(token);
      case TokenKind::name:
        if (token.text == "true") return Operand(json::value(true));
        if (token.text == "false") return Operand(json::value(false));
        if (token.text == "nil" || token.text == "null") return Operand(json::value());
        return lookup(token, words);
      default:
        return refuse(token.offset, "a value is expected here");
    }
  }

  Result<Operand> number(const Token& token) const {
    const char* const end = token.text.data() + token.text.size();
    std::int64_t whole = 0;
    if (auto [at, bad] = std::from_chars(token.text.data(), end, whole);
        bad == std::errc() && at == end) {
      return Operand(json::value(whole));
    }
    double value = 0;
    if (auto [at, bad] = std::from_chars(token.text.data(), end, value);
        bad == std::errc() && at == end) {
      return Operand(json::value(value));
    }
    return refuse(token.offset, "is no number that can be kept");
  }

  Result<Operand> lookup(const Token& name, Lexer& words) {
    Lookup made;
    made.root = name.text;
    while (words.is(".") || words.is("[")) {
      if (made.path.size() == kNestingMax) return words.refuse("too many steps");
      const bool by_name = words.is(".");
      ATTUNE_TRY(words.advance());
      const Token step = words.peek();
      const bool fits = by_name ? step.kind == TokenKind::name
                                : step.kind == TokenKind::text || step.kind == TokenKind::number;
      if (!fits) {
        return words.refuse(by_name ? "a name is expected" : "a number or text is expected");
      }
      ATTUNE_TRY(words.advance());
      if (step.kind == TokenKind::number) {
        std::int64_t index = 0;
        const char* const end = step.text.data() + step.text.size();
        const auto [at, bad] = std::from_chars(step.text.data(), end, index);
        if (bad != std::errc() || at != end) return refuse(step.offset, "must be a whole number");
        made.path.emplace_back(index);
      } else {
        made.path.emplace_back(std::string(step.text));
      }
      if (by_name) continue;
      if (!words.is("]")) return words.refuse("\"]\" is expected here");
      ATTUNE_TRY(words.advance());
    }
    return Operand(std::move(made));
  }

  static std::optional<Compare> comparing(const Lexer& words) {
    constexpr std::pair<std::string_view, Compare> kSigns[] = {
        {"==", Compare::equal}, {"!=", Compare::unequal}, {"<>", Compare::unequal},
        {"<", Compare::less}, {"<=", Compare::less_equal}, {">", Compare::more},
        {">=", Compare::more_equal}, {"contains", Compare::contains}};
    for (const auto& [sign, compare] : kSigns) {
      if (words.is(sign)) return compare;
    }
    return std::nullopt;
  }

  Result<Condition> condition(Lexer& words) {
    Condition made;
    for (;;) {
      if (made.size() == kNestingMax) return words.refuse("too many conditions");
      Comparison each;
      ATTUNE_ASSIGN(each.left, operand(words));
      if (const auto compare = comparing(words)) {
        each.compare = *compare;
        ATTUNE_TRY(words.advance());
        ATTUNE_ASSIGN(each.right, operand(words));
      }
      const bool joined = words.is("and") || words.is("or");
      each.or_next = words.is("or");
      made.push_back(std::move(each));
      if (!joined) break;
      ATTUNE_TRY(words.advance());
    }
    ATTUNE_TRY(done(words));
    return made;
  }

  std::string_view source_;
  std::size_t at_ = 0;
  std::size_t known_offset_ = 0;
  Position known_;
  std::size_t tag_begin_ = 0;
  std::size_t count_ = 0;
  std::size_t depth_ = 0;
  std::size_t loops_ = 0;
  bool trim_next_ = false;
  std::string_view stopped_;
  Lexer tag_{{}, 0, 0};
};

}  // namespace

Result<std::vector<Node>> parse_nodes(std::string_view source) { return Parser(source).run(); }

Result<Template> Template::parse(std::string_view source) {
  if (source.size() > kSourceBytesMax) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("a template has at most {} bytes", kSourceBytesMax), "base_prompt");
  }
  ATTUNE_ASSIGN(std::vector<Node> nodes, parse_nodes(source));
  Template made;
  made.nodes_ = std::make_shared<const std::vector<Node>>(std::move(nodes));
  return made;
}

}  // namespace attune::campaign::liquid
