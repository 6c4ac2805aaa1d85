// A template after parsing: what rendering and lint walk. Made by parser.h, never changed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <boost/json/value.hpp>

namespace attune::campaign::liquid {

/// Where something is in the source; both from 1, columns in characters.
struct Position {
  std::size_t line = 1;
  std::size_t column = 1;
};

/// `product.tags[0]`: a name, and what is looked up in it.
struct Lookup {
  std::string root;
  std::vector<std::variant<std::string, std::int64_t>> path;
};
using Operand = std::variant<boost::json::value, Lookup>;

struct Filter {
  std::string name;
  std::vector<Operand> arguments;
  Position at;
};

/// `name | default: 'there' | upcase`
struct Expression {
  Operand base;
  std::vector<Filter> filters;
  Position at;
};

enum class Compare : std::uint8_t {
  truth, equal, unequal, less, less_equal, more, more_equal, contains
};

struct Comparison {
  Compare compare = Compare::truth;
  Operand left;
  Operand right;
  bool or_next = false;  // how it is joined to the next one; else and
};
/// Joined from the right, as Liquid does: `a or b and c` is `a or (b and c)`. Empty: always.
using Condition = std::vector<Comparison>;

enum class NodeKind : std::uint8_t {
  text, output, choose, switch_, loop, assign, abort, break_, continue_
};

struct Node;

struct Branch {
  Condition condition;          // of if, elsif; empty for else
  bool negate = false;          // unless
  std::vector<Operand> values;  // of when; empty for else
  std::vector<Node> body;
};

struct Node {
  NodeKind kind = NodeKind::text;
  Position at;
  std::string text;              // text; name assigned to; loop variable
  Expression expression;         // output, assign, abort, what is looped over or switched on
  std::vector<Branch> branches;  // choose, switch_; of a loop: body, else
  // Of a loop.
  bool is_range = false;         // from the expression to `range_end`
  Operand range_end;
  std::vector<Operand> limit;    // none or one
  std::vector<Operand> offset;
  bool reversed = false;
};

}  // namespace attune::campaign::liquid
