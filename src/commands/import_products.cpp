#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "commands/commands.h"
#include "commands/progress.h"

namespace attune::commands {
namespace {

namespace json = boost::json;

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorCode::not_found, fmt::format("cannot read {}", path));
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return fail(ErrorCode::unavailable, fmt::format("reading {} failed", path));
  return text;
}

std::string target_of(const ImportProductsCommand& command) {
  return fmt::format("/api/v1/sites/{}/products?complete={:d}&confirm={:d}&skip_errors={:d}",
                     encode_component(command.site), command.complete, command.yes,
                     command.skip_errors);
}

/// Asks a person; nobody is there: no.
bool is_agreed(const std::string& question) {
  if (isatty(STDIN_FILENO) == 0) return false;
  fmt::print(stderr, "{}\nDo it? [y/N] ", question);
  std::string answer;
  return std::getline(std::cin, answer) && (answer == "y" || answer == "yes");
}

void print_text(const std::string& file, const json::object& answer) {
  const auto number = [&](std::string_view name) {
    return grouped(answer.at({name.data(), name.size()}).to_number<std::uint64_t>());
  };
  fmt::print("{}\n  stored    {:>12}\n  hidden    {:>12}\n  left out  {:>12}\n", file,
             number("stored"), number("hidden"), number("wrong"));
  for (const json::value& wrong : answer.at("errors").as_array()) {
    const std::string_view field = wrong.at("field").as_string();
    fmt::print("    line {}: {}{}{}\n", wrong.at("line").to_number<std::uint64_t>(), field,
               field.empty() ? "" : " ", std::string_view(wrong.at("message").as_string()));
  }
  for (const json::value& name : answer.at("ignored").as_array()) {
    fmt::print("  column {} means nothing here\n", std::string_view(name.as_string()));
  }
}

}  // namespace

Result<void> run_import_products(Channel& channel, const ImportProductsCommand& command) {
  ATTUNE_ASSIGN(const std::string text, read_file(command.file));
  const auto send = [&](const ImportProductsCommand& as) {
    return channel.call_text("POST", target_of(as), text, "application/octet-stream");
  };
  auto answer = send(command);
  if (!answer && answer.error().field() == "confirm") {
    if (!is_agreed("This " + answer.error().message())) {
      return fail(ErrorCode::failed_precondition, answer.error().message() + " (here: --yes)");
    }
    ImportProductsCommand agreed = command;
    agreed.yes = true;
    answer = send(agreed);
  }
  if (!answer) return pass(answer, command.file);
  if (command.format == "json") {
    fmt::print("{}\n", *answer);
    return {};
  }
  print_text(command.file, json::parse(*answer).as_object());
  return {};
}

}  // namespace attune::commands
