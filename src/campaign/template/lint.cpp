// What can be known to be wrong before any value is. Branches are followed on all their ways: the
// places in the page that the text may have led to are a small set (html_place.h).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "campaign/template/html_place.h"
#include "campaign/template/template.h"
#include "campaign/template/values.h"

namespace attune::campaign::liquid {
namespace {

constexpr std::size_t kIssuesMax = 100;
constexpr std::size_t kPlacesMax = 32;
constexpr int kLoopRounds = 4;   // until a loop's body leads to no new place

using Places = std::set<HtmlPlace>;

/// What any value may look like to what follows it. Within a URL the beginning of which is still
/// open: nothing, a piece of a scheme, or a path; elsewhere values are escaped and lead nowhere.
std::span<const std::string_view> samples(HtmlPlace::Escape escape) {
  static constexpr std::array<std::string_view, 3> kSamples = {"", "x", "/"};
  const bool is_open =
      escape == HtmlPlace::Escape::url_start || escape == HtmlPlace::Escape::url_scheme;
  return std::span(kSamples).first(is_open ? 3 : 1);
}

class Linter {
 public:
  Linter(std::span<const Variable> variables, Output output)
      : variables_(variables), output_(output) {
    for (const Variable& each : variables) known_.insert(each.name);
    for (const std::string_view name : kGivenNames) known_.insert(std::string(name));
  }

  std::vector<Issue> run(const std::vector<Node>& nodes) {
    Places places = {HtmlPlace()};
    block(nodes, places);
    for (const HtmlPlace& place : places) {
      if (output_ != Output::html || place.is_text()) continue;
      say({}, "ends within a tag, a comment, or an element that must be closed");
      issues_.back().at = last_;
      break;
    }
    std::ranges::stable_sort(issues_, [](const Issue& a, const Issue& b) {
      return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
    });
    return std::move(issues_);
  }

 private:
  void say(const Position& at, std::string message) {
    if (issues_.size() >= kIssuesMax) return;
    for (const Issue& each : issues_) {
      if (each.at.line == at.line && each.at.column == at.column && each.message == message) return;
    }
    issues_.push_back({at, std::move(message)});
  }

  void check(const Operand& operand, const Position& at, bool has_default) {
    const auto* lookup = std::get_if<Lookup>(&operand);
    if (lookup == nullptr || has_default || known_.contains(lookup->root)) return;
    say(at, fmt::format("the variable {} is not declared, and there is no default for it",
                        lookup->root));
  }

  void check(const Expression& expression) {
    const bool has_default = !expression.filters.empty() &&
                             expression.filters.front().name == "default";
    check(expression.base, expression.at, has_default);
    for (const Filter& filter : expression.filters) {
      for (const Operand& argument : filter.arguments) check(argument, filter.at, false);
      if (!is_filter(filter.name)) {
        say(filter.at, fmt::format("there is no filter {}", filter.name));
        continue;
      }
      const auto [low, high] = filter_arity(filter.name);
      if (filter.arguments.size() < low || filter.arguments.size() > high) {
        say(filter.at, low == high ? fmt::format("{} takes {} argument(s)", filter.name, low)
                                   : fmt::format("{} takes {} to {} arguments", filter.name, low,
                                                 high));
      }
      if (filter.name == "raw") check_raw(expression, filter.at);
    }
  }

  void check_raw(const Expression& expression, const Position& at) {
    const auto* lookup = std::get_if<Lookup>(&expression.base);
    const auto declared = lookup == nullptr
                              ? variables_.end()
                              : std::ranges::find(variables_, lookup->root, &Variable::name);
    if (declared == variables_.end() || !declared->is_html_safe || !lookup->path.empty() ||
        expression.filters.size() != 1 || shadowed_.contains(lookup->root)) {
      say(at, "raw is only for a variable declared html_safe, without another filter");
    }
  }

  void check(const Condition& condition, const Position& at) {
    for (const Comparison& each : condition) {
      // A test for being there needs no default.
      if (each.compare != Compare::truth) {
        check(each.left, at, false);
        check(each.right, at, false);
      }
    }
  }

  void block(const std::vector<Node>& nodes, Places& places) {
    for (const Node& node : nodes) {
      last_ = node.at;
      one(node, places);
    }
  }

  void one(const Node& node, Places& places) {
    switch (node.kind) {
      case NodeKind::text:
        feed(places, node.text);
        return;
      case NodeKind::output:
        check(node.expression);
        if (output_ == Output::html) put_out(node, places);
        return;
      case NodeKind::assign:
        check(node.expression);
        known_.insert(node.text);
        shadowed_.insert(node.text);
        return;
      case NodeKind::abort:
        check(node.expression);
        return;
      case NodeKind::choose:
      case NodeKind::switch_:
        return branch(node, places);
      case NodeKind::loop:
        return loop(node, places);
      default:
        return;
    }
  }

  void feed(Places& places, std::string_view text) const {
    if (output_ != Output::html) return;
    Places after;
    for (HtmlPlace place : places) {
      place.feed(text);
      after.insert(std::move(place));
    }
    places = std::move(after);
  }

  void put_out(const Node& node, Places& places) {
    Places after;
    const auto& filters = node.expression.filters;
    const bool is_raw = !filters.empty() && filters.back().name == "raw";
    for (const HtmlPlace& place : places) {
      const auto escape = place.escape();
      if (escape == HtmlPlace::Escape::refused) say(node.at, std::string(place.why()));
      if (is_raw && escape != HtmlPlace::Escape::html) {
        say(node.at, "raw is for the text of the page alone");
      }
      for (const std::string_view sample : samples(escape)) {
        HtmlPlace next = place;
        next.feed(sample);
        after.insert(std::move(next));
      }
    }
    places = {};
    join(places, after, node.at);
  }

  void join(Places& all, const Places& more, const Position& at) {
    all.insert(more.begin(), more.end());
    if (all.size() <= kPlacesMax) return;
    say(at, "the branches before this leave too many ways for the page to go on");
    while (all.size() > kPlacesMax) all.erase(std::prev(all.end()));
  }

  void branch(const Node& node, Places& places) {
    if (node.kind == NodeKind::switch_) check(node.expression);
    Places after;
    bool has_else = false;
    for (const Branch& each : node.branches) {
      check(each.condition, node.at);
      for (const Operand& value : each.values) check(value, node.at, false);
      has_else = has_else || (each.condition.empty() && each.values.empty());
      Places way = places;
      block(each.body, way);
      join(after, way, node.at);
    }
    if (!has_else) join(after, places, node.at);
    places = std::move(after);
  }

  void loop(const Node& node, Places& places) {
    check(node.expression);
    if (node.is_range) check(node.range_end, node.at, false);
    for (const auto* each : {&node.limit, &node.offset}) {
      for (const Operand& operand : *each) check(operand, node.at, false);
    }
    const bool was_known = known_.contains(node.text);
    known_.insert(node.text);
    shadowed_.insert(node.text);
    Places after = places;
    if (node.branches.size() > 1) block(node.branches[1].body, after);
    join(after, places, node.at);
    Places way = places;
    for (int round = 0; round < kLoopRounds && depth_ < 2; ++round) {
      ++depth_;
      block(node.branches[0].body, way);
      --depth_;
      const std::size_t before = after.size();
      join(after, way, node.at);
      if (after.size() == before && round > 0) break;
    }
    if (depth_ >= 2) {   // deep loops are followed once; rendering refuses what this does not see
      block(node.branches[0].body, way);
      join(after, way, node.at);
    }
    places = std::move(after);
    if (!was_known) known_.erase(node.text);
  }

  std::span<const Variable> variables_;
  Output output_;
  std::set<std::string> known_;
  std::set<std::string> shadowed_;
  std::vector<Issue> issues_;
  Position last_;
  int depth_ = 0;
};

}  // namespace

std::string to_string(const Issue& issue) {
  return fmt::format("line {}, column {}: {}", issue.at.line, issue.at.column, issue.message);
}

std::vector<Issue> lint(const Template& source, std::span<const Variable> variables,
                        Output output) {
  return Linter(variables, output).run(source.nodes());
}

}  // namespace attune::campaign::liquid
