#include "store/migration_names.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace attune::store {
namespace {

constexpr std::size_t kWordsMax = 12;   // of a statement: enough for its verb and names

/// The first words of a statement in lower case; brackets, commas and comments separate them.
std::vector<std::string> first_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (std::size_t i = 0; i <= text.size() && words.size() < kWordsMax; ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    if (text.substr(std::min(i, text.size())).starts_with("--")) {
      i = std::min(text.find('\n', i), text.size());
    } else if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
      word.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
      continue;
    }
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  }
  return words;
}

/// The word after `words[at]`, behind "if [not] exists" and "only".
std::string name_after(const std::vector<std::string>& words, std::size_t at) {
  for (++at; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word != "if" && word != "not" && word != "exists" && word != "only") return word;
  }
  return {};
}

void add(std::vector<std::string>& names, std::string name) {
  if (!name.empty() && std::ranges::find(names, name) == names.end()) {
    names.push_back(std::move(name));
  }
}

}  // namespace

std::vector<std::string> names_made(const SqlFile& file) {
  std::vector<std::string> names;
  for (const SqlStatement& statement : file.statements) {
    const std::vector<std::string> words = first_words(statement.text);
    if (words.empty() || words.front() != "create") continue;
    for (std::size_t i = 1; i < std::min<std::size_t>(words.size(), 4); ++i) {
      if (words[i] != "table" && words[i] != "view") continue;
      // A partition is one more piece of a table that is named already.
      if (std::ranges::find(words, "partition") == words.end()) add(names, name_after(words, i));
      break;
    }
  }
  return names;
}

std::vector<std::string> names_emptied(const SqlFile& file) {
  std::vector<std::string> names;
  for (const SqlStatement& statement : file.statements) {
    const std::vector<std::string> words = first_words(statement.text);
    if (words.size() < 2) continue;
    if (words[0] == "drop" && words[1] == "table") {
      add(names, name_after(words, 1));
    } else if (words[0] == "delete" && words[1] == "from") {
      add(names, name_after(words, 1));
    } else if (words[0] == "truncate") {
      add(names, name_after(words, words[1] == "table" ? 1 : 0));
    } else if (words[0] == "alter" && words[1] == "table" &&
               std::ranges::find(words, "drop") != words.end() &&
               std::ranges::find(words, "column") != words.end()) {
      add(names, name_after(words, 1));
    }
  }
  // A table made anew takes the rows along and gets the old one's name.
  for (const SqlStatement& statement : file.statements) {
    const std::vector<std::string> words = first_words(statement.text);
    const auto rename = std::ranges::find(words, "rename");
    if (rename == words.end() || words.end() - rename < 3 || *(rename + 1) != "to") continue;
    std::erase(names, *(rename + 2));
  }
  return names;
}

}  // namespace attune::store
