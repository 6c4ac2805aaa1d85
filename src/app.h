// The one place that wires the parts: opens a data folder, connects journal, tables, recommender and API,
// runs the background threads, and takes everything down in order.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "config.h"

namespace attune::serve {
class Api;
class Server;
}  // namespace attune::serve

namespace attune {

struct AppOptions {
  std::string data_dir;
  Config config;
  bool demo = false;      // serve the demo shop and let its simulated visitors come
};

/// Names inside a data folder.
struct DataPaths {
  explicit DataPaths(const std::string& folder);
  std::string folder;
  std::string journal;
  std::string database;
  std::string engine;      // which engine the folder's tables are in
  std::string salts;
  std::string secret;
  std::string control_socket;
};

class App {
 public:
  /// Opens the folder (making it if need be), recovers the journal, applies migrations and lets the ETL
  /// catch up in the background. No socket is opened.
  ///
  /// Errors   failed_precondition: another process holds the folder; data_loss: the journal is damaged;
  ///          what the parts report, with the part's name.
  [[nodiscard]] static Result<std::unique_ptr<App>> open(AppOptions options);
  ~App();

  serve::Api& api();

  /// The start of `attune serve`: recommender, scheduler, control socket and HTTP.
  ///
  /// Returns  the address in use, "http://127.0.0.1:8080".
  /// Errors   unavailable: the address is taken.
  [[nodiscard]] Result<std::string> listen();

  /// Makes the admin account at the first start: ATTUNE_ADMIN_PASSWORD or a generated password.
  /// Returns  the password when it was generated now, to be shown once.
  [[nodiscard]] Result<std::optional<std::string>> ensure_admin();

  /// The demo shop: site, catalogue, past and living visitors. After `listen`.
  /// Returns  the site's snippet.
  [[nodiscard]] Result<std::string> start_demo();

  /// One sentence on what was found in the journal at open.
  std::string journal_report() const;

  /// Stops taking requests, lets running ones finish, writes the tables, closes. Idempotent.
  void stop();

  struct Parts;   // app_parts.h

 private:
  explicit App(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace attune
