// The frame of every screen: navigation, the bar on top, the person's menu.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { explain, remove } from "../lib/api";
import { storedTheme, storeTheme, type Theme } from "../lib/prefs";
import type { Login, Site } from "../lib/types";
import { go, href, type Screen, toScreen, type View } from "../lib/url";
import { Icon, type IconName, Logo } from "./icons";
import { Popover } from "./popover";
import { RangePicker } from "./range_picker";
import { toast } from "./toast";

const entries: readonly { screen: Screen; label: string; icon: IconName }[] = [
  { screen: "overview", label: "Overview", icon: "overview" },
  { screen: "realtime", label: "Realtime", icon: "realtime" },
  { screen: "people", label: "People", icon: "people" },
  { screen: "catalogue", label: "Catalogue", icon: "catalogue" },
  { screen: "recommendations", label: "Recommendations", icon: "recommendations" },
  { screen: "placements", label: "Placements", icon: "placements" },
  { screen: "flags", label: "Flags", icon: "flags" },
  { screen: "tests", label: "Tests", icon: "tests" },
  { screen: "campaigns", label: "Campaigns", icon: "campaigns" },
  { screen: "content", label: "Content", icon: "content" },
  { screen: "insights", label: "Insights", icon: "insights" },
  { screen: "models", label: "Models", icon: "models" },
  { screen: "settings", label: "Settings", icon: "settings" },
  { screen: "system", label: "System", icon: "system" },
];

interface Props {
  view: View;
  sites: readonly Site[];
  site: Site | null;
  login: Login;
  title: string;
  onSignOut: () => void;
  onHelp: () => void;
  children: ComponentChildren;
}

/** A link inside the dashboard: a real address that a plain click follows without a page load. */
export function ViewLink(props: {
  view: View;
  class?: string;
  current?: boolean;
  children: ComponentChildren;
}) {
  return (
    <a
      href={href(props.view)}
      class={props.class}
      {...(props.current ? { "aria-current": "page" as const } : {})}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        go(props.view);
      }}
    >
      {props.children}
    </a>
  );
}

export function Shell(props: Props) {
  const { view, site, title } = props;
  const [menu, setMenu] = useState(false);
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const obeysRange =
    site !== null &&
    ["overview", "recommendations", "campaigns"].includes(view.screen) &&
    !(view.screen === "campaigns" && view.options["tab"]);

  useEffect(() => {
    setMenu(false);
    if (first.current) first.current = false;
    else {
      scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    }
  }, [view.screen]);

  useEffect(() => {
    if (!menu) return;
    const close = (event: KeyboardEvent): void => {
      if (event.key === "Escape") setMenu(false);
    };
    document.addEventListener("keydown", close);
    return () => document.removeEventListener("keydown", close);
  }, [menu]);

  return (
    <div class={`shell${menu ? " menu-open" : ""}`}>
      <a class="skip-link" href="#main">
        Skip to the content
      </a>
      <div class="side-veil" onClick={() => setMenu(false)} />
      <aside class="side" id="side">
        <ViewLink view={toScreen(view, "overview")} class="brand">
          <Logo /> <span>Attune</span>
        </ViewLink>
        <nav aria-label="Screens">
          {entries.map((entry) => (
            <ViewLink
              key={entry.screen}
              view={toScreen(view, entry.screen)}
              class={`nav-link${entry.screen === "settings" ? " apart" : ""}`}
              current={entry.screen === view.screen}
            >
              <Icon name={entry.icon} /> {entry.label}
            </ViewLink>
          ))}
        </nav>
      </aside>
      <header class={`bar${obeysRange ? " with-range" : ""}`}>
        <button
          type="button"
          class="icon-button menu-button"
          aria-label="Navigation"
          aria-expanded={menu}
          aria-controls="side"
          onClick={() => setMenu(!menu)}
        >
          <Icon name={menu ? "close" : "menu"} />
        </button>
        <SitePicker view={view} sites={props.sites} site={site} />
        <span class="bar-space" />
        {obeysRange && site && (
          <div class="bar-range">
            <RangePicker view={view} timeZone={site.timezone} />
            {view.screen === "overview" && (
              <button
                type="button"
                class="button switch"
                role="switch"
                aria-checked={view.compare}
                data-tip="Compare with the period before"
                onClick={() => go({ ...view, compare: !view.compare })}
              >
                <span class="switch-track" aria-hidden="true" /> Compare
              </button>
            )}
          </div>
        )}
        <PersonMenu {...props} />
      </header>
      <main id="main" ref={main} tabIndex={-1} aria-label={title}>
        {props.children}
      </main>
    </div>
  );
}

function SitePicker({
  view,
  sites,
  site,
}: {
  view: View;
  sites: readonly Site[];
  site: Site | null;
}) {
  const [search, setSearch] = useState("");
  if (sites.length === 0) return <span class="site-none">No site yet</span>;
  const found = sites.filter((each) =>
    `${each.domain} ${each.name}`.toLowerCase().includes(search.toLowerCase()),
  );
  const options = { ...view.options };
  delete options["zoom"];
  return (
    <Popover
      label={`Site: ${site?.domain ?? "none"}`}
      buttonClass="button ghost site-button"
      button={
        <>
          <span class="button-text">{site?.domain ?? "Choose a site"}</span>
          <Icon name="down" size={12} />
        </>
      }
    >
      {(close) => (
        <>
          {sites.length > 7 && (
            <input
              type="search"
              class="menu-search"
              aria-label="Search sites"
              placeholder="Search sites"
              data-autofocus=""
              value={search}
              onInput={(event) => setSearch(event.currentTarget.value)}
            />
          )}
          <div class="menu-scroll">
            {found.map((each) => (
              <button
                type="button"
                key={each.id}
                class="menu-item"
                role="menuitemradio"
                tabIndex={-1}
                aria-checked={each.id === site?.id}
                onClick={() => {
                  close();
                  go({ ...view, site: each.domain, options });
                }}
              >
                <span>
                  {each.domain}
                  {each.name !== each.domain && <small>{each.name}</small>}
                </span>
                {each.id === site?.id && <Icon name="check" size={14} />}
              </button>
            ))}
          </div>
          <hr />
          <button
            type="button"
            class="menu-item"
            role="menuitem"
            tabIndex={-1}
            onClick={() => {
              close();
              go({ ...toScreen(view, "settings"), options: { edit: "new" } });
            }}
          >
            <span>
              <Icon name="plus" size={14} /> Add a site
            </span>
          </button>
        </>
      )}
    </Popover>
  );
}

const themes: readonly { value: Theme; label: string; icon: IconName }[] = [
  { value: "system", label: "As the system", icon: "screen" },
  { value: "light", label: "Light", icon: "sun" },
  { value: "dark", label: "Dark", icon: "moon" },
];

function PersonMenu({ login, onSignOut, onHelp }: Props) {
  const [theme, setTheme] = useState(storedTheme);
  const signOut = async (): Promise<void> => {
    try {
      await remove("/api/v1/login");
      onSignOut();
    } catch (error) {
      toast(explain(error));
    }
  };
  return (
    <Popover
      label={`${login.user.name}: appearance, help, sign out`}
      buttonClass="icon-button"
      align="right"
      button={<Icon name="user" />}
    >
      {(close) => (
        <>
          <p class="menu-title">
            {login.user.name}
            <small>{login.user.role}</small>
          </p>
          <hr />
          {themes.map((each) => (
            <button
              type="button"
              key={each.value}
              class="menu-item"
              role="menuitemradio"
              tabIndex={-1}
              aria-checked={theme === each.value}
              onClick={() => {
                storeTheme(each.value);
                setTheme(each.value);
              }}
            >
              <span>
                <Icon name={each.icon} size={14} /> {each.label}
              </span>
              {theme === each.value && <Icon name="check" size={14} />}
            </button>
          ))}
          <hr />
          <button
            type="button"
            class="menu-item"
            role="menuitem"
            tabIndex={-1}
            onClick={() => {
              close();
              onHelp();
            }}
          >
            <span>
              <Icon name="help" size={14} /> Keyboard
            </span>
            <kbd>?</kbd>
          </button>
          <button type="button" class="menu-item" role="menuitem" tabIndex={-1} onClick={signOut}>
            <span>
              <Icon name="signout" size={14} /> Sign out
            </span>
          </button>
        </>
      )}
    </Popover>
  );
}

/** The frame before anything is known, so that nothing jumps when it is. */
export function ShellSkeleton() {
  return (
    <div class="shell">
      <aside class="side">
        <span class="brand">
          <Logo /> <span>Attune</span>
        </span>
      </aside>
      <header class="bar" />
      <main aria-busy="true">
        <h1 class="visually-hidden">Loading</h1>
      </main>
    </div>
  );
}
