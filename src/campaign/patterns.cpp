#include "campaign/patterns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <span>
#include <unordered_map>

#include "experiment/corrections.h"
#include "experiment/distributions.h"
#include "experiment/proportion.h"

namespace attune::campaign {
namespace {

using Conditions = std::vector<Condition>;

Result<void> check(const PatternRows& rows) {
  const auto wrong = [](const std::string& what, const std::string& field) {
    return fail(ErrorCode::invalid_argument, what, field);
  };
  if (rows.attributes.size() > kPatternAttributesMax) {
    return wrong(fmt::format("{} attributes, at most {}", rows.attributes.size(),
                             kPatternAttributesMax),
                 "attributes");
  }
  if (rows.successes.size() != rows.size() || rows.group.size() != rows.size()) {
    return wrong("columns of different lengths", "rows");
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool holds = rows.trials[i] >= 0 && rows.successes[i] >= 0 &&
                       rows.successes[i] <= rows.trials[i] && std::isfinite(rows.trials[i]);
    if (!holds) return wrong(fmt::format("row {}: not 0 <= successes <= trials", i), "successes");
  }
  for (const PatternRows::Attribute& attribute : rows.attributes) {
    const bool fits = attribute.of_row.size() == rows.size() &&
                      attribute.values.size() <= kPatternValuesMax &&
                      std::ranges::all_of(attribute.of_row, [&](std::uint16_t value) {
                        return value < attribute.values.size();
                      });
    if (!fits) return wrong("rows or values out of range", attribute.name);
  }
  return {};
}

bool holds(const PatternRows& rows, std::span<const Condition> conditions, std::size_t row) {
  return std::ranges::all_of(conditions, [&](const Condition& each) {
    return rows.attributes[each.attribute].of_row[row] == each.value;
  });
}

struct Sums {
  double trials = 0;
  double successes = 0;

  void add(double more_trials, double more_successes) {
    trials += more_trials;
    successes += more_successes;
  }
  double rate() const { return trials > 0 ? successes / trials : 0; }
};

/// A conjunction on the half that is searched.
struct Found {
  Conditions conditions;
  double accuracy = 0;   // weighted relative accuracy; the sign is the direction
};

/// One half of the groups: which rows, and how the rate is on all of them.
struct Half {
  std::vector<std::size_t> rows;
  Sums all;
};

/// Groups are dealt to the halves in random order.
std::pair<Half, Half> split(const PatternRows& rows, std::uint64_t seed, std::size_t& groups) {
  std::set<std::uint32_t> known(rows.group.begin(), rows.group.end());
  groups = known.size();
  std::vector<std::uint32_t> order(known.begin(), known.end());
  std::mt19937_64 random(seed);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  const std::set<std::uint32_t> first(order.begin(),
                                      order.begin() + static_cast<std::ptrdiff_t>(groups / 2));
  std::pair<Half, Half> halves;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Half& half = first.contains(rows.group[i]) ? halves.first : halves.second;
    half.rows.push_back(i);
    half.all.add(rows.trials[i], rows.successes[i]);
  }
  return halves;
}

class Searcher {
 public:
  Searcher(const PatternRows& rows, const Half& half, const PatternOptions& options)
      : rows_(rows), half_(half), options_(options) {}

  /// The best conjunctions of all lengths, by how much they say.
  std::vector<Found> run(std::size_t& tried) {
    std::vector<Found> best;
    std::vector<Found> beam{{}};
    for (std::size_t length = 1; length <= options_.conditions_max && !beam.empty(); ++length) {
      std::vector<Found> longer;
      std::set<std::vector<std::pair<std::size_t, std::uint16_t>>> seen;
      for (const Found& stem : beam) lengthen(stem, seen, longer, tried);
      std::ranges::stable_sort(longer, says_more);
      if (longer.size() > options_.beam) longer.resize(options_.beam);
      best.insert(best.end(), longer.begin(), longer.end());
      beam = std::move(longer);
    }
    std::ranges::stable_sort(best, says_more);
    if (best.size() > options_.candidates_max) best.resize(options_.candidates_max);
    return best;
  }

 private:
  static bool says_more(const Found& a, const Found& b) {
    return std::abs(a.accuracy) > std::abs(b.accuracy);
  }

  template <class Seen>
  void lengthen(const Found& stem, Seen& seen, std::vector<Found>& longer, std::size_t& tried) {
    std::vector<std::size_t> within;
    for (const std::size_t row : half_.rows) {
      if (holds(rows_, stem.conditions, row)) within.push_back(row);
    }
    for (std::size_t a = 0; a < rows_.attributes.size(); ++a) {
      const bool taken = std::ranges::any_of(
          stem.conditions, [&](const Condition& each) { return each.attribute == a; });
      if (taken) continue;
      const PatternRows::Attribute& attribute = rows_.attributes[a];
      std::vector<Sums> sums(attribute.values.size());
      std::vector<std::set<std::uint32_t>> groups(attribute.values.size());
      for (const std::size_t row : within) {
        const std::uint16_t value = attribute.of_row[row];
        sums[value].add(rows_.trials[row], rows_.successes[row]);
        if (rows_.trials[row] > 0) groups[value].insert(rows_.group[row]);
      }
      for (std::uint16_t value = 0; value < sums.size(); ++value) {
        const double coverage = sums[value].trials / half_.all.trials;
        if (groups[value].size() < options_.groups_min || coverage < options_.coverage_min ||
            coverage > 1 - options_.coverage_min) {
          continue;
        }
        Conditions conditions = stem.conditions;
        conditions.push_back({a, value});
        std::ranges::sort(conditions, {}, &Condition::attribute);
        std::vector<std::pair<std::size_t, std::uint16_t>> key;
        for (const Condition& each : conditions) key.emplace_back(each.attribute, each.value);
        if (!seen.insert(key).second) continue;
        ++tried;
        const double gain = sums[value].rate() - half_.all.rate();
        longer.push_back({std::move(conditions), coverage * gain});
      }
    }
  }

  const PatternRows& rows_;
  const Half& half_;
  const PatternOptions& options_;
};

/// Two sets of rows and how their rates differ, with an error by group.
struct Comparison {
  Sums inside, outside;
  double error = 0;              // of the difference
  double degrees_of_freedom = 0;
  std::size_t groups_inside = 0, groups_outside = 0;

  double difference() const { return inside.rate() - outside.rate(); }
  double p_value(bool above) const {
    if (!(error > 0)) return 1;
    const double t = difference() / error;
    return experiment::student_cdf(above ? -t : t, degrees_of_freedom);
  }
};

/// Rows of the half in which `whole` holds: those with all of `conditions` beside the others.
Comparison compare(const PatternRows& rows, const Half& half, const Conditions& conditions,
                   const Conditions& whole) {
  struct Group {
    Sums inside, outside;
  };
  std::unordered_map<std::uint32_t, Group> groups;
  Comparison made;
  for (const std::size_t row : half.rows) {
    if (!(rows.trials[row] > 0) || !holds(rows, whole, row)) continue;
    const bool is_inside = holds(rows, conditions, row);
    Group& group = groups[rows.group[row]];
    (is_inside ? group.inside : group.outside).add(rows.trials[row], rows.successes[row]);
    (is_inside ? made.inside : made.outside).add(rows.trials[row], rows.successes[row]);
  }
  if (!(made.inside.trials > 0) || !(made.outside.trials > 0)) return made;
  double squares = 0;
  for (const auto& [id, group] : groups) {
    made.groups_inside += group.inside.trials > 0 ? 1 : 0;
    made.groups_outside += group.outside.trials > 0 ? 1 : 0;
    const auto residual = [](const Sums& of_group, const Sums& all) {
      return (of_group.successes - all.rate() * of_group.trials) / all.trials;
    };
    squares += std::pow(residual(group.inside, made.inside) - residual(group.outside, made.outside),
                        2);
  }
  const auto count = static_cast<double>(groups.size());
  made.error = count > 1 ? std::sqrt(squares * count / (count - 1)) : 0;
  made.degrees_of_freedom =
      static_cast<double>(std::min(made.groups_inside, made.groups_outside)) - 1;
  return made;
}

/// What the other half says of a candidate; a p value of 1 where it has too few groups.
Pattern confirm(const PatternRows& rows, const Half& half, const Found& found,
                const PatternOptions& options) {
  const bool above = found.accuracy > 0;
  const Comparison all = compare(rows, half, found.conditions, {});
  Pattern pattern;
  pattern.conditions = found.conditions;
  pattern.rate = all.inside.rate();
  pattern.rate_elsewhere = all.outside.rate();
  pattern.difference = all.difference();
  pattern.coverage = half.all.trials > 0 ? all.inside.trials / half.all.trials : 0;
  pattern.groups = all.groups_inside;
  pattern.effect_size = experiment::cohen_h(pattern.rate, pattern.rate_elsewhere);
  if (all.groups_inside < options.groups_min || all.groups_outside < options.groups_min) {
    return pattern;
  }
  const double t = experiment::student_quantile(0.975, all.degrees_of_freedom);
  pattern.low = pattern.difference - t * all.error;
  pattern.high = pattern.difference + t * all.error;
  pattern.p_value = all.p_value(above);
  for (std::size_t left_out = 0; found.conditions.size() > 1 && left_out < found.conditions.size();
       ++left_out) {
    Conditions shorter = found.conditions;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(left_out));
    const Comparison within = compare(rows, half, found.conditions, shorter);
    const bool says_enough = within.groups_inside > 1 && within.groups_outside > 1;
    pattern.p_value = std::max(pattern.p_value, says_enough ? within.p_value(above) : 1.0);
  }
  return pattern;
}

}  // namespace

Result<PatternSearch> find_patterns(const PatternRows& rows, const PatternOptions& options) {
  ATTUNE_TRY(check(rows));
  PatternSearch search;
  const auto [first, second] = split(rows, options.seed, search.groups);
  if (search.groups < 4 * options.groups_min) {
    search.refusal = fmt::format("{} groups, {} are needed: a quarter of them must be able to show "
                                 "a condition twice",
                                 search.groups, 4 * options.groups_min);
    return search;
  }
  if (!(first.all.trials > 0) || !(second.all.trials > 0)) {
    search.refusal = "one half has no trials";
    return search;
  }
  const std::vector<Found> candidates = Searcher(rows, first, options).run(search.tried);
  search.candidates = candidates.size();
  std::vector<double> p_values;
  for (const Found& each : candidates) {
    search.patterns.push_back(confirm(rows, second, each, options));
    p_values.push_back(search.patterns.back().p_value);
  }
  ATTUNE_ASSIGN(const std::vector<double> q_values,
                experiment::corrected(p_values, experiment::Correction::benjamini_hochberg));
  for (std::size_t i = 0; i < q_values.size(); ++i) search.patterns[i].q_value = q_values[i];
  std::erase_if(search.patterns,
                [&](const Pattern& each) { return each.q_value > options.q_max; });
  std::ranges::stable_sort(search.patterns, {}, &Pattern::q_value);
  return search;
}

std::string describe(const PatternRows& rows, const std::vector<Condition>& conditions) {
  std::string text;
  for (const Condition& each : conditions) {
    const PatternRows::Attribute& attribute = rows.attributes[each.attribute];
    text += fmt::format("{}{} is {}", text.empty() ? "" : " and ", attribute.name,
                        attribute.values[each.value]);
  }
  return text;
}

}  // namespace attune::campaign
