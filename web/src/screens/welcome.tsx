// The very first screen of an empty Attune: add a site.

import { sitesPath } from "../lib/api";
import { invalidate } from "../lib/resource";
import { currentView, go } from "../lib/url";
import { SiteForm } from "./site_form";

export function WelcomeScreen() {
  return (
    <div class="welcome">
      <h1>Welcome to Attune</h1>
      <p>Which site do you want to understand? You can add more later.</p>
      <SiteForm
        site={null}
        submitLabel="Add the site"
        onSaved={(site) => {
          invalidate(sitesPath);
          go({ ...currentView(), screen: "overview", site: site.domain });
        }}
      />
      <p class="muted">
        Or start Attune without <code>--empty</code>: it then brings a demo shop with simulated
        visitors.
      </p>
    </div>
  );
}
