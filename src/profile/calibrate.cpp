#include "profile/calibrate.h"

#include <vector>

namespace attune::profile {
namespace {

using store::Value;

Result<std::vector<Rhythm>> load_rhythms(store::Session& session, const Uuid& site,
                                         std::int64_t now_ms) {
  std::vector<Rhythm> rhythms;
  const Value parameters[] = {site, store::Timestamp::from_ms(now_ms), kSampleMax};
  ATTUNE_TRY(session.scan("profile/rhythms", parameters,
                          [&](std::span<const Value> row) -> Result<void> {
                            rhythms.push_back({.repeats = std::get<std::int64_t>(row[0]),
                                               .recency = std::get<double>(row[1]),
                                               .age = std::get<double>(row[2]),
                                               .people = std::get<std::int64_t>(row[3])});
                            return {};
                          }));
  return rhythms;
}

Result<void> save(store::Session& session, const Uuid& site, const Calibration& made) {
  std::vector<Value> parameters{site, store::Timestamp::from_ms(made.computed_ms), made.people,
                                made.returning};
  if (made.fit) {
    const LifetimeParameters& p = made.fit->parameters;
    for (const double value : {p.r, p.alpha, p.a, p.b, made.fit->log_likelihood}) {
      parameters.emplace_back(value);
    }
  } else {
    parameters.insert(parameters.end(), 5, store::Null{});
  }
  parameters.emplace_back(made.detail);
  ATTUNE_TRY(session.execute("profile/parameters.save", parameters));
  return {};
}

}  // namespace

Result<Calibration> calibrate(store::Session& session, const Uuid& site, std::int64_t now_ms) {
  Calibration made;
  made.computed_ms = now_ms;
  ATTUNE_ASSIGN(const std::vector<Rhythm> rhythms, load_rhythms(session, site, now_ms));
  for (const Rhythm& rhythm : rhythms) {
    made.people += rhythm.people;
    if (rhythm.repeats > 0) made.returning += rhythm.people;
  }
  if (auto fit = fit_lifetimes(rhythms)) {
    made.fit = *fit;
  } else {
    made.detail = fit.error().message();
  }
  ATTUNE_TRY(save(session, site, made));
  const Value of_site[] = {site};
  ATTUNE_TRY(session.execute("profile/prices.save", of_site));
  return made;
}

Result<std::optional<Calibration>> load_calibration(store::Session& session, const Uuid& site) {
  const Value of_site[] = {site};
  ATTUNE_ASSIGN(const store::Rows rows, session.query("profile/parameters.load", of_site));
  if (rows.rows.empty()) return std::nullopt;
  const auto& row = rows.rows[0];
  Calibration known;
  known.computed_ms = std::get<store::Timestamp>(row[0]).us / 1000;
  known.people = std::get<std::int64_t>(row[1]);
  known.returning = std::get<std::int64_t>(row[2]);
  known.detail = std::get<std::string>(row[8]);
  if (std::holds_alternative<double>(row[3])) {
    known.fit = LifetimeFit{.parameters = {.r = std::get<double>(row[3]),
                                           .alpha = std::get<double>(row[4]),
                                           .a = std::get<double>(row[5]),
                                           .b = std::get<double>(row[6])},
                            .log_likelihood = std::get<double>(row[7])};
  }
  return known;
}

}  // namespace attune::profile
