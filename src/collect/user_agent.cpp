// uap-core's patterns are tried in the order of its file and the first match wins. RE2's
// FilteredRE2 knows for each pattern which words must occur; one pass over the text finds the
// words, and only the patterns that can match are run. Without it a text costs 500 pattern runs;
// with one RE2::Set instead, new texts cost up to a millisecond while its automaton grows, which a
// sender of odd texts could exploit.
#include "collect/user_agent.h"

#include <fmt/format.h>
#include <re2/filtered_re2.h>
#include <re2/re2.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <bit>

#include "base/embedded.h"
#include "base/hash.h"
#include "collect/literal_matcher.h"
#include "collect/text.h"

namespace attune::embedded {
std::span<const File> user_agent_rules();
}

namespace attune::collect {
namespace {

/// One list of patterns with the templates their matches fill: "$1" is the first group.
struct PatternList {
  re2::FilteredRE2 patterns{3};  // words shorter than this do not filter
  std::vector<std::string> templates;
  LiteralMatcher words;
};

/// "$1" in `name` becomes the first group; the first group alone when `name` is empty.
std::string fill_template(const std::string& name, const std::vector<std::string_view>& groups) {
  if (name.empty()) return groups.size() > 1 ? std::string(groups[1]) : std::string();
  std::string out;
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (name[at] == '$' && at + 1 < name.size() && is_digit(name[at + 1])) {
      const auto group = static_cast<std::size_t>(name[++at] - '0');
      if (group < groups.size()) out.append(groups[group]);
    } else {
      out.push_back(name[at]);
    }
  }
  return std::string(trim(out));
}

std::string first_match(const PatternList& list, std::string_view text, std::string_view small) {
  std::vector<int> words;
  list.words.find(small, words);
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  std::vector<int> candidates;
  list.patterns.AllPotentials(words, &candidates);
  std::sort(candidates.begin(), candidates.end());
  const re2::StringPiece input(text.data(), text.size());
  for (const int index : candidates) {
    const RE2& pattern = list.patterns.GetRE2(index);
    const int group_count = std::min(pattern.NumberOfCapturingGroups(), 9) + 1;
    re2::StringPiece found[10];
    if (!pattern.Match(input, 0, input.size(), RE2::UNANCHORED, found, group_count)) continue;
    std::vector<std::string_view> groups;
    for (int i = 0; i < group_count; ++i) groups.emplace_back(found[i].data(), found[i].size());
    return fill_template(list.templates[static_cast<std::size_t>(index)], groups);
  }
  return {};
}

Result<void> read_list(const YAML::Node& rules, const char* template_key, PatternList& list) {
  if (!rules.IsSequence())
    return fail(ErrorCode::internal, "user agent rules: no list of patterns");
  RE2::Options options;
  options.set_log_errors(false);
  for (const YAML::Node& rule : rules) {
    std::string pattern = rule["regex"].as<std::string>();
    if (rule["regex_flag"] && rule["regex_flag"].as<std::string>() == "i") {
      pattern.insert(0, "(?i)");
    }
    int id = 0;
    if (list.patterns.Add(pattern, options, &id) != RE2::NoError) {
      return fail(ErrorCode::internal, "user agent rules: pattern does not compile: " + pattern);
    }
    list.templates.push_back(rule[template_key] ? rule[template_key].as<std::string>()
                                                : std::string());
  }
  std::vector<std::string> words;
  list.patterns.Compile(&words);
  list.words = LiteralMatcher(words);
  return {};
}

}  // namespace

struct UserAgents::Rules {
  PatternList browsers;
  PatternList systems;
};

UserAgents::UserAgents(std::unique_ptr<Rules> rules) : rules_(std::move(rules)) {}
UserAgents::~UserAgents() = default;
UserAgents::UserAgents(UserAgents&&) noexcept = default;
UserAgents& UserAgents::operator=(UserAgents&&) noexcept = default;

Result<UserAgents> UserAgents::parse(std::string_view yaml) {
  auto rules = std::make_unique<Rules>();
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    ATTUNE_TRY(read_list(root["user_agent_parsers"], "family_replacement", rules->browsers));
    ATTUNE_TRY(read_list(root["os_parsers"], "os_replacement", rules->systems));
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::internal, fmt::format("user agent rules: {}", error.what()));
  }
  return UserAgents(std::move(rules));
}

Result<UserAgents> UserAgents::embedded() {
  const auto files = embedded::user_agent_rules();
  if (files.empty()) return fail(ErrorCode::internal, "user agent rules are not compiled in");
  return parse(files.front().bytes);
}

Agent UserAgents::classify(std::string_view user_agent) const {
  Agent agent;
  user_agent = user_agent.substr(0, kUserAgentBytesMax);
  agent.is_bot = is_bot(user_agent);
  agent.device = agent.is_bot ? event::DeviceType::bot : device_type(user_agent);
  const std::string small = lower(user_agent);
  agent.browser = first_match(rules_->browsers, user_agent, small);
  agent.os = first_match(rules_->systems, user_agent, small);
  agent.browser = std::string(cut(make_utf8(agent.browser), 50));
  agent.os = std::string(cut(make_utf8(agent.os), 50));
  if (agent.browser == "Other") agent.browser.clear();
  if (agent.os == "Other") agent.os.clear();
  return agent;
}

AgentCache::AgentCache(UserAgents agents, std::size_t entries_max, std::uint64_t seed)
    : agents_(std::move(agents)),
      seed_(seed),
      sets_(std::bit_ceil(std::max<std::size_t>(entries_max / kWays, 1))) {}

AgentCache::~AgentCache() = default;

void AgentCache::fill(event::Event& event) {
  const std::uint64_t hash = hash64(event.user_agent, seed_) | 1;  // never 0, which means free
  Set& set = sets_[(hash >> 8) & (sets_.size() - 1)];
  const auto copy = [&event](const Agent& agent) {
    event.browser = agent.browser;
    event.os = agent.os;
    event.device = agent.device;
    event.is_bot = agent.is_bot;
  };
  {
    const MutexLock lock(set.mutex);
    for (Entry& entry : set.entries) {
      if (entry.hash != hash) continue;
      entry.used = ++set.tick;
      copy(entry.agent);
      return;
    }
  }
  // Outside the lock: it takes long, and doing it twice does no harm.
  Agent agent = agents_.classify(event.user_agent);
  copy(agent);
  const MutexLock lock(set.mutex);
  Entry* oldest = &set.entries[0];
  for (Entry& entry : set.entries) {
    if (entry.hash == hash) return;
    if (entry.used < oldest->used) oldest = &entry;
  }
  oldest->hash = hash;
  oldest->used = ++set.tick;
  oldest->agent = std::move(agent);
}

}  // namespace attune::collect
