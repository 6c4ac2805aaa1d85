// Walks a template with values. Every node, iteration, filter and compared value costs steps, so
// that no template, whatever its data, takes longer than the budget.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "campaign/template/escape.h"
#include "campaign/template/html_place.h"
#include "campaign/template/template.h"
#include "campaign/template/values.h"

namespace attune::campaign::liquid {
namespace {

namespace json = boost::json;

constexpr std::size_t kBytesPerStep = 64;
constexpr std::string_view kHidden = "\xE2\x80\xA2\xE2\x80\xA2\xE2\x80\xA2";

/// A value that is somewhere else, or made here.
class Held {
 public:
  Held() = default;
  explicit Held(const json::value* there) : there_(there) {}
  explicit Held(json::value made) : made_(std::move(made)) {}
  const json::value& get() const { return there_ != nullptr ? *there_ : made_; }
  json::value take() && { return there_ != nullptr ? *there_ : std::move(made_); }

 private:
  const json::value* there_ = nullptr;
  json::value made_;
};

struct LoopState {
  const std::string& name;
  json::value item;
  std::int64_t index = 0;   // from 0
  std::int64_t length = 0;
};

enum class Flow : std::uint8_t { go_on, break_, continue_, abort };

class Renderer {
 public:
  Renderer(std::span<const Variable> variables, const json::object& data,
           const RenderOptions& options)
      : variables_(variables), data_(data), options_(options), hidden_(kHidden),
        now_(options.now_ms) {}

  Result<Rendered> run(const std::vector<Node>& nodes) {
    for (const Variable& variable : variables_) {
      const json::value* given = data_.if_contains(variable.name);
      const bool is_given = given != nullptr && !is_blank(*given);
      if (is_given) out_.used.push_back(variable.name);
      if (variable.is_required && !is_given && is_blank(variable.fallback)) {
        out_.aborted = fmt::format("the variable {} has no value", variable.name);
        return std::move(out_);
      }
    }
    ATTUNE_ASSIGN(const Flow flow, block(nodes));
    if (flow == Flow::abort) out_.text.clear();
    if (options_.output == Output::line) out_.text = clean_line(out_.text);
    out_.steps = steps_;
    return std::move(out_);
  }

 private:
  tl::unexpected<Error> refuse(ErrorCode code, const Position& at, std::string_view why) const {
    return fail(code, fmt::format("line {}, column {}: {}", at.line, at.column, why));
  }

  Result<void> spend(std::size_t steps, const Position& at) {
    steps_ += steps;
    if (steps_ <= options_.steps_max) return {};
    return refuse(ErrorCode::resource_exhausted, at,
                  fmt::format("the template takes more than {} steps", options_.steps_max));
  }

  /// What it costs to copy, compare or print a value; stops where the budget does.
  std::size_t weight(const json::value& value) const {
    std::size_t sum = 1;
    if (value.is_string()) return sum + value.get_string().size() / kBytesPerStep;
    if (value.is_array()) {
      for (const json::value& each : value.get_array()) {
        if (sum > options_.steps_max) break;
        sum += weight(each);
      }
    } else if (value.is_object()) {
      for (const auto& member : value.get_object()) {
        if (sum > options_.steps_max) break;
        sum += weight(member.value()) + member.key().size() / kBytesPerStep;
      }
    }
    return sum;
  }

  Result<void> add(std::string_view text, const Position& at) {
    if (text.size() > options_.output_bytes_max - out_.text.size()) {
      return refuse(ErrorCode::resource_exhausted, at,
                    fmt::format("the output is longer than {} bytes", options_.output_bytes_max));
    }
    out_.text += text;
    if (options_.output == Output::html) place_.feed(text);
    return {};
  }

  const json::value* root(const std::string& name) {
    for (auto loop = loops_.rbegin(); loop != loops_.rend(); ++loop) {
      if (loop->name == name) return &loop->item;
    }
    if (const auto found = assigned_.find(name); found != assigned_.end()) return &found->second;
    const auto declared = std::ranges::find(variables_, name, &Variable::name);
    const json::value* given = data_.if_contains(name);
    const bool is_given = given != nullptr && !given->is_null();
    if (declared != variables_.end()) {
      if (is_given && declared->is_pii && options_.hide_pii) return &hidden_;
      if (!is_given && !declared->fallback.is_null()) return &declared->fallback;
    }
    if (is_given) return given;
    return name == "now" ? &now_ : nullptr;
  }

  static Held loop_field(const LoopState& loop, std::string_view field) {
    if (field == "index") return Held(json::value(loop.index + 1));
    if (field == "index0") return Held(json::value(loop.index));
    if (field == "rindex") return Held(json::value(loop.length - loop.index));
    if (field == "rindex0") return Held(json::value(loop.length - loop.index - 1));
    if (field == "length") return Held(json::value(loop.length));
    if (field == "first") return Held(json::value(loop.index == 0));
    if (field == "last") return Held(json::value(loop.index + 1 == loop.length));
    return {};
  }

  static Held special(const json::value& of, std::string_view field) {
    if (field == "size") {
      return Held(*apply_filter({.name = "size", .arguments = {}}, of));
    }
    if (!of.is_array() || of.get_array().empty()) return {};
    if (field == "first") return Held(&of.get_array().front());
    if (field == "last") return Held(&of.get_array().back());
    return {};
  }

  Held look_up(const Lookup& lookup) {
    if (lookup.root == "forloop" && !loops_.empty() && lookup.path.size() == 1) {
      if (const auto* field = std::get_if<std::string>(&lookup.path[0])) {
        return loop_field(loops_.back(), *field);
      }
    }
    const json::value* at = root(lookup.root);
    for (const auto& step : lookup.path) {
      if (at == nullptr) return {};
      if (const auto* index = std::get_if<std::int64_t>(&step)) {
        if (!at->is_array()) return {};
        const json::array& all = at->get_array();
        const auto size = static_cast<std::int64_t>(all.size());
        const std::int64_t place = *index < 0 ? size + *index : *index;
        if (place < 0 || place >= size) return {};
        at = &all[static_cast<std::size_t>(place)];
        continue;
      }
      const std::string& field = std::get<std::string>(step);
      const json::value* next =
          at->is_object() ? at->get_object().if_contains(field) : nullptr;
      if (next == nullptr) return &step == &lookup.path.back() ? special(*at, field) : Held();
      at = next;
    }
    return at == nullptr ? Held() : Held(at);
  }

  Held value_of(const Operand& operand) {
    if (const auto* constant = std::get_if<json::value>(&operand)) return Held(constant);
    return look_up(std::get<Lookup>(operand));
  }

  Result<Held> evaluate(const Expression& expression) {
    Held value = value_of(expression.base);
    for (const Filter& filter : expression.filters) {
      std::vector<json::value> arguments;
      std::size_t cost = weight(value.get());
      for (const Operand& argument : filter.arguments) {
        const Held given = value_of(argument);
        cost += weight(given.get());
        ATTUNE_TRY(spend(cost, filter.at));
        cost = 0;
        arguments.push_back(given.get());
      }
      ATTUNE_TRY(spend(cost, filter.at));
      auto done = apply_filter({.name = filter.name,
                                .arguments = arguments,
                                .now_ms = options_.now_ms,
                                .is_html = options_.output == Output::html},
                               std::move(value).take());
      if (!done) return refuse(done.error().code(), filter.at, done.error().message());
      value = Held(std::move(*done));
      ATTUNE_TRY(spend(weight(value.get()), filter.at));
    }
    return value;
  }

  Result<bool> is_met(const Condition& condition, const Position& at) {
    // From the right: `a or b and c` is `a or (b and c)`.
    bool met = true;
    for (std::size_t i = condition.size(); i-- > 0;) {
      const Comparison& each = condition[i];
      const Held left = value_of(each.left);
      const Held right = value_of(each.right);
      ATTUNE_TRY(spend(each.compare == Compare::truth
                           ? 1 : weight(left.get()) + weight(right.get()), at));
      const bool here = holds(each.compare, left.get(), right.get());
      if (i + 1 == condition.size()) met = here;
      else met = each.or_next ? here || met : here && met;
    }
    return met;
  }

  Result<Flow> block(const std::vector<Node>& nodes) {
    for (const Node& node : nodes) {
      ATTUNE_TRY(spend(1, node.at));
      ATTUNE_ASSIGN(const Flow flow, one(node));
      if (flow != Flow::go_on) return flow;
    }
    return Flow::go_on;
  }

  Result<Flow> one(const Node& node) {
    switch (node.kind) {
      case NodeKind::text:
        ATTUNE_TRY(spend(node.text.size() / kBytesPerStep, node.at));
        ATTUNE_TRY(add(node.text, node.at));
        return Flow::go_on;
      case NodeKind::output:
        ATTUNE_TRY(output(node));
        return Flow::go_on;
      case NodeKind::assign: {
        ATTUNE_ASSIGN(Held value, evaluate(node.expression));
        ATTUNE_TRY(spend(weight(value.get()), node.at));
        assigned_[node.text] = std::move(value).take();
        return Flow::go_on;
      }
      case NodeKind::abort: {
        ATTUNE_ASSIGN(const Held why, evaluate(node.expression));
        out_.aborted = clean_line(text_of(why.get())).substr(0, 500);
        return Flow::abort;
      }
      case NodeKind::choose:
        return choose(node);
      case NodeKind::switch_:
        return switch_on(node);
      case NodeKind::loop:
        return loop(node);
      case NodeKind::break_:
        return Flow::break_;
      default:
        return Flow::continue_;
    }
  }

  bool may_be_raw(const Expression& expression) const {
    const auto* lookup = std::get_if<Lookup>(&expression.base);
    if (lookup == nullptr || expression.filters.size() != 1 || !lookup->path.empty()) return false;
    if (assigned_.contains(lookup->root)) return false;
    for (const LoopState& each : loops_) {
      if (each.name == lookup->root) return false;
    }
    const auto declared = std::ranges::find(variables_, lookup->root, &Variable::name);
    return declared != variables_.end() && declared->is_html_safe;
  }

  Result<void> output(const Node& node) {
    const auto& filters = node.expression.filters;
    ATTUNE_ASSIGN(const Held value, evaluate(node.expression));
    ATTUNE_TRY(spend(weight(value.get()), node.at));
    const std::string text = text_of(value.get());
    if (options_.output == Output::line) return add(clean_line(text), node.at);
    if (options_.output == Output::text) return add(clean_text(text), node.at);
    const auto escape = place_.escape();
    if (escape == HtmlPlace::Escape::refused) {
      return refuse(ErrorCode::failed_precondition, node.at, place_.why());
    }
    if (!filters.empty() && filters.back().name == "raw") {
      if (may_be_raw(node.expression) && escape == HtmlPlace::Escape::html) {
        return add(clean_text(text), node.at);
      }
      return refuse(ErrorCode::failed_precondition, node.at,
                    "raw is for a variable declared html_safe, in the text of the page");
    }
    const bool is_encoded = !filters.empty() && filters.back().name == "url_encode";
    return add(escape_for(escape, text, is_encoded), node.at);
  }

  Result<Flow> choose(const Node& node) {
    for (const Branch& branch : node.branches) {
      bool met = true;
      if (!branch.condition.empty()) {
        ATTUNE_ASSIGN(met, is_met(branch.condition, node.at));
        if (branch.negate) met = !met;
      }
      if (met) return block(branch.body);
    }
    return Flow::go_on;
  }

  Result<Flow> switch_on(const Node& node) {
    ATTUNE_ASSIGN(const Held value, evaluate(node.expression));
    for (const Branch& branch : node.branches) {
      bool met = branch.values.empty();
      for (const Operand& each : branch.values) {
        const Held other = value_of(each);
        ATTUNE_TRY(spend(weight(value.get()) + weight(other.get()), node.at));
        met = met || holds(Compare::equal, value.get(), other.get());
      }
      if (met) return block(branch.body);
    }
    return Flow::go_on;
  }

  static std::int64_t whole(const json::value& value, std::int64_t otherwise) {
    const auto number = number_of(value);
    if (!number) return otherwise;
    return static_cast<std::int64_t>(std::clamp(std::trunc(*number), -1e9, 1e9));
  }

  Result<Flow> loop(const Node& node) {
    const Held source = value_of(node.expression.base);
    std::int64_t first = 0;
    std::int64_t length = 0;
    const json::array* items = source.get().if_array();
    if (node.is_range) {
      first = whole(source.get(), 0);
      length = std::max<std::int64_t>(0, whole(value_of(node.range_end).get(), -1) - first + 1);
    } else if (items != nullptr) {
      length = static_cast<std::int64_t>(items->size());
    }
    std::int64_t begin = 0;
    if (!node.offset.empty()) begin = whole(value_of(node.offset[0]).get(), 0);
    begin = std::clamp<std::int64_t>(begin, 0, length);
    std::int64_t count = length - begin;
    if (!node.limit.empty()) {
      count = std::clamp<std::int64_t>(whole(value_of(node.limit[0]).get(), count), 0, count);
    }
    if (count == 0) {
      return node.branches.size() > 1 ? block(node.branches[1].body) : Result<Flow>(Flow::go_on);
    }
    // The array may be one that the body assigns anew.
    json::array kept;
    if (items != nullptr && !node.is_range) {
      ATTUNE_TRY(spend(weight(source.get()), node.at));
      kept = *items;
    }
    loops_.push_back({node.text, {}, 0, count});
    Result<Flow> flow = Flow::go_on;
    for (std::int64_t i = 0; i < count && flow && *flow != Flow::abort; ++i) {
      const std::int64_t at = begin + (node.reversed ? count - 1 - i : i);
      flow = iterate(node, i, node.is_range ? json::value(first + at)
                                            : kept[static_cast<std::size_t>(at)]);
      if (flow && *flow == Flow::break_) break;
    }
    loops_.pop_back();
    if (!flow || *flow == Flow::abort) return flow;
    return Flow::go_on;
  }

  Result<Flow> iterate(const Node& node, std::int64_t index, json::value item) {
    ATTUNE_TRY(spend(1, node.at));
    loops_.back().item = std::move(item);
    loops_.back().index = index;
    return block(node.branches[0].body);
  }

  std::span<const Variable> variables_;
  const json::object& data_;
  const RenderOptions& options_;
  const json::value hidden_;
  const json::value now_;
  std::map<std::string, json::value> assigned_;
  std::vector<LoopState> loops_;
  HtmlPlace place_;
  Rendered out_;
  std::size_t steps_ = 0;
};

}  // namespace

Result<Rendered> render(const Template& source, std::span<const Variable> variables,
                        const json::object& data, const RenderOptions& options) {
  return Renderer(variables, data, options).run(source.nodes());
}

}  // namespace attune::campaign::liquid
