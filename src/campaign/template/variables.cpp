#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "campaign/template/parser.h"
#include "campaign/template/template.h"

namespace attune::campaign::liquid {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 6> kTypes = {"text", "number", "flag", "list", "object",
                                                    "date"};
constexpr std::array<std::string_view, 7> kMembers = {"name", "type", "default", "required", "pii",
                                                      "html_safe", "description"};

tl::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::invalid_argument, std::move(message), "personalization_variables");
}

bool fits(const json::value& value, std::string_view type) {
  if (value.is_null()) return true;
  if (type == "text" || type == "date") return value.is_string();
  if (type == "number") return value.is_number();
  if (type == "flag") return value.is_bool();
  return type == "list" ? value.is_array() : value.is_object();
}

Result<bool> flag(const json::object& given, std::string_view name) {
  const json::value* value = given.if_contains(name);
  if (value == nullptr) return false;
  if (!value->is_bool()) return refuse(fmt::format("\"{}\" must be true or false", name));
  return value->get_bool();
}

Result<Variable> read_one(const json::value& value) {
  const json::object* given = value.if_object();
  if (given == nullptr) return refuse(R"(must be objects, such as {"name":"first_name"})");
  for (const auto& member : *given) {
    if (std::ranges::find(kMembers, std::string_view(member.key())) == kMembers.end()) {
      return refuse(fmt::format("there is no \"{}\"; there are name, type, default, required, pii, "
                                "html_safe, description", std::string_view(member.key())));
    }
  }
  Variable made;
  const json::value* name = given->if_contains("name");
  if (name == nullptr || !name->is_string() || !is_name(name->get_string())) {
    return refuse("\"name\" must be letters, digits, _ and -, beginning with a letter");
  }
  made.name = name->get_string();
  for (const std::string_view taken : kGivenNames) {
    if (made.name == taken) return refuse(fmt::format("{} is always there", taken));
  }
  if (const json::value* type = given->if_contains("type")) {
    if (!type->is_string() ||
        std::ranges::find(kTypes, std::string_view(type->get_string())) == kTypes.end()) {
      return refuse("\"type\" must be text, number, flag, list, object or date");
    }
    made.type = type->get_string();
  }
  if (const json::value* fallback = given->if_contains("default")) made.fallback = *fallback;
  if (!fits(made.fallback, made.type)) {
    return refuse(fmt::format("the default of {} is no {}", made.name, made.type));
  }
  ATTUNE_ASSIGN(made.is_required, flag(*given, "required"));
  ATTUNE_ASSIGN(made.is_pii, flag(*given, "pii"));
  ATTUNE_ASSIGN(made.is_html_safe, flag(*given, "html_safe"));
  if (made.is_pii && made.is_html_safe) {
    return refuse(fmt::format("{} cannot be both pii and html_safe", made.name));
  }
  return made;
}

}  // namespace

Result<std::vector<Variable>> read_variables(const json::value& list) {
  const json::array* all = list.if_array();
  if (all == nullptr) return refuse("must be a list");
  if (all->size() > kVariablesMax) return refuse(fmt::format("are at most {}", kVariablesMax));
  std::vector<Variable> variables;
  for (const json::value& each : *all) {
    ATTUNE_ASSIGN(Variable made, read_one(each));
    if (std::ranges::find(variables, made.name, &Variable::name) != variables.end()) {
      return refuse(fmt::format("{} is there twice", made.name));
    }
    variables.push_back(std::move(made));
  }
  return variables;
}

}  // namespace attune::campaign::liquid
