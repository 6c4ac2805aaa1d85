// Who is signed in, which site is looked at, which screen is shown.

import { useEffect, useMemo, useState } from "preact/hooks";
import { type ApiError, get, setLogin, sitesPath, whenSignedOut } from "./lib/api";
import { focusSearch, type Shortcut, useShortcuts } from "./lib/keys";
import { chartMetrics } from "./lib/metrics";
import { option } from "./lib/options";
import { lastSite, rememberSite } from "./lib/prefs";
import { overviewPath, seriesPath } from "./lib/questions";
import { forgetEverything, load, useResource } from "./lib/resource";
import type { Login, MetricName, Site } from "./lib/types";
import { currentView, go, type Screen, toScreen, useView } from "./lib/url";
import { Failure } from "./components/panel";
import { Help } from "./components/help";
import { openRangeEvent } from "./components/range_picker";
import { Shell, ShellSkeleton } from "./components/shell";
import { ToastLayer } from "./components/toast";
import { TooltipLayer } from "./components/tooltip";
import { CampaignsScreen } from "./screens/campaigns";
import { CatalogueScreen } from "./screens/catalogue";
import { ContentScreen } from "./screens/content";
import { FlagsScreen } from "./screens/flags";
import { InsightsScreen } from "./screens/insights";
import { LoginScreen } from "./screens/login";
import { Overview } from "./screens/overview";
import { PeopleScreen } from "./screens/people";
import { RealtimeScreen } from "./screens/realtime";
import { ModelsScreen } from "./screens/models";
import { PlacementsScreen } from "./screens/placements";
import { RecommendationsScreen } from "./screens/recommendations";
import { SettingsScreen } from "./screens/settings";
import { SystemScreen } from "./screens/system";
import { TestsScreen } from "./screens/tests";
import { WelcomeScreen } from "./screens/welcome";

type Session =
  | { state: "unknown" }
  | { state: "out" }
  | { state: "in"; login: Login }
  | { state: "error"; error: ApiError };

export function App() {
  const [session, setSession] = useState<Session>({ state: "unknown" });

  const signIn = (login: Login): void => {
    setLogin(login);
    setSession({ state: "in", login });
  };
  const signOut = (): void => {
    setLogin(null);
    forgetEverything();
    setSession({ state: "out" });
  };
  const check = (): void => {
    setSession({ state: "unknown" });
    get<Login>("/api/v1/login").then(signIn, (error: ApiError) => {
      if (error.status === 401) signOut();
      else setSession({ state: "error", error });
    });
  };

  useEffect(() => {
    whenSignedOut(signOut);
    check();
    askAhead();
  }, []);

  return (
    <>
      {session.state === "unknown" && <ShellSkeleton />}
      {session.state === "error" && (
        <main class="lonely">
          <h1 class="visually-hidden">Attune</h1>
          <Failure error={session.error} onRetry={check} />
        </main>
      )}
      {session.state === "out" && <LoginScreen onSignIn={signIn} />}
      {session.state === "in" && <SignedIn login={session.login} onSignOut={signOut} />}
      <TooltipLayer />
      <ToastLayer />
    </>
  );
}

/**
 * Whoever looked at a site before is most likely still signed in: asks for what will be needed while the
 * login is being checked. An answer that says otherwise is dealt with when it is asked for again.
 */
function askAhead(): void {
  const site = lastSite();
  if (!site) return;
  const view = currentView();
  const paths = [sitesPath];
  if (view.screen === "overview" && (view.site ?? site.domain) === site.domain) {
    const [metric] = option<MetricName>(view, "metric", "visitors", chartMetrics);
    paths.push(overviewPath(site, view), seriesPath(site, view, metric, "auto"));
  }
  for (const path of paths) load(path).catch(() => {});
}

function SignedIn({ login, onSignOut }: { login: Login; onSignOut: () => void }) {
  const view = useView();
  const sites = useResource<{ sites: Site[] }>(sitesPath);
  const [help, setHelp] = useState(false);
  const all = sites.data?.sites ?? null;
  const wanted = view.site ?? lastSite()?.domain;
  const site =
    all?.find((each) => each.domain === wanted || each.id === wanted) ??
    (view.site ? null : (all?.[0] ?? null));

  useEffect(() => {
    if (!site) return;
    rememberSite(site);
    if (currentView().site !== site.domain)
      go({ ...currentView(), site: site.domain }, { replace: true });
  }, [site?.domain]);

  const shortcuts = useMemo<Shortcut[]>(() => {
    const to = (screen: Screen) => (): void => go(toScreen(currentView(), screen));
    return [
      { keys: "g o", label: "Go to Overview", run: to("overview") },
      { keys: "g r", label: "Go to Realtime", run: to("realtime") },
      { keys: "g c", label: "Go to Recommendations", run: to("recommendations") },
      { keys: "g p", label: "Go to Placements", run: to("placements") },
      { keys: "g f", label: "Go to Flags", run: to("flags") },
      { keys: "g t", label: "Go to Tests", run: to("tests") },
      { keys: "g e", label: "Go to People", run: to("people") },
      { keys: "g a", label: "Go to Catalogue", run: to("catalogue") },
      { keys: "g k", label: "Go to Campaigns", run: to("campaigns") },
      { keys: "g w", label: "Go to Content", run: to("content") },
      { keys: "g i", label: "Go to Insights", run: to("insights") },
      { keys: "g m", label: "Go to Models", run: to("models") },
      { keys: "g s", label: "Go to Settings", run: to("settings") },
      { keys: "g y", label: "Go to System", run: to("system") },
      {
        keys: "d",
        label: "Choose the time range",
        run: () => dispatchEvent(new Event(openRangeEvent)),
      },
      {
        keys: "c",
        label: "Compare with the period before, or not",
        run: () => go({ ...currentView(), compare: !currentView().compare }),
      },
      { keys: "/", label: "Search in a table", run: focusSearch },
      { keys: "?", label: "Show this help", run: () => setHelp(true) },
    ];
  }, []);
  useShortcuts(shortcuts);

  const title = {
    overview: "Overview",
    realtime: "Realtime",
    recommendations: "Recommendations",
    placements: "Placements",
    flags: "Flags",
    tests: "Tests",
    people: "People",
    catalogue: "Catalogue",
    campaigns: "Campaigns",
    content: "Content",
    insights: "Insights",
    models: "Models",
    settings: "Settings",
    system: "System",
  }[view.screen];
  useEffect(() => {
    document.title = site ? `${title} · ${site.domain} · Attune` : `${title} · Attune`;
  }, [title, site?.domain]);

  if (sites.error && !all) {
    return (
      <main class="lonely">
        <h1 class="visually-hidden">Attune</h1>
        <Failure error={sites.error} onRetry={sites.reload} />
      </main>
    );
  }
  if (!all) return <ShellSkeleton />;

  const needsSite = view.screen !== "settings" && view.screen !== "system";
  return (
    <Shell
      view={view}
      sites={all}
      site={site}
      login={login}
      title={title}
      onSignOut={onSignOut}
      onHelp={() => setHelp(true)}
    >
      {view.screen === "settings" ? (
        <SettingsScreen view={view} sites={all} site={site} user={login.user} />
      ) : view.screen === "system" ? (
        <SystemScreen site={site} sites={all} />
      ) : all.length === 0 ? (
        <WelcomeScreen />
      ) : needsSite && !site ? (
        <div class="empty">
          <h1>There is no site called {view.site}.</h1>
          <p>It may have been removed. Choose one of your sites above.</p>
        </div>
      ) : site && view.screen === "realtime" ? (
        <RealtimeScreen key={site.id} site={site} />
      ) : site && view.screen === "recommendations" ? (
        <RecommendationsScreen key={site.id} view={view} site={site} />
      ) : site && view.screen === "placements" ? (
        <PlacementsScreen key={site.id} view={view} site={site} />
      ) : site && view.screen === "flags" ? (
        <FlagsScreen key={site.id} view={view} site={site} user={login.user} />
      ) : site && view.screen === "tests" ? (
        <TestsScreen key={site.id} view={view} site={site} />
      ) : site && view.screen === "people" ? (
        <PeopleScreen key={site.id} view={view} site={site} />
      ) : site && view.screen === "catalogue" ? (
        <CatalogueScreen key={site.id} view={view} site={site} />
      ) : site && view.screen === "campaigns" ? (
        <CampaignsScreen key={site.id} view={view} site={site} />
      ) : site && view.screen === "content" ? (
        <ContentScreen key={site.id} view={view} site={site} />
      ) : site && view.screen === "insights" ? (
        <InsightsScreen view={view} />
      ) : site && view.screen === "models" ? (
        <ModelsScreen key={site.id} site={site} />
      ) : site ? (
        <Overview view={view} site={site} />
      ) : null}
      {help && <Help shortcuts={shortcuts} onClose={() => setHelp(false)} />}
    </Shell>
  );
}
