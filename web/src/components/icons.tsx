// Line icons drawn for this dashboard on a 16 unit grid; decoration only, so hidden from screen readers.

const paths = {
  overview: "M2 13.5h12M4 11V8M8 11V3.5M12 11V6",
  realtime: "M1.5 8.5h3l2-5 3 9 2-4h3",
  placements: "M2 3h5v10H2zM9 3h5v4H9zM9 9h5v4H9z",
  recommendations: "M8 2l1.7 3.9 4.3.4-3.2 2.8.9 4.2L8 11.1l-3.7 2.2.9-4.2L2 6.3l4.3-.4z",
  people:
    "M6 7.5a2.2 2.2 0 100-4.4 2.2 2.2 0 000 4.4zM1.8 13a4.2 4.2 0 018.4 0M10.5 7.3a2 2 0 10-.8-3.9M11.6 9.2A4 4 0 0114.2 13",
  catalogue: "M2.5 2.5h4.5v4.5h-4.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5h-4.5zM9 9h4.5v4.5H9z",
  flags: "M3.5 14V2.5M3.5 3h8.5l-2 3 2 3H3.5",
  tests: "M5.5 2h5M6.5 2v4.5L3 13a.7.7 0 00.6 1h8.8a.7.7 0 00.6-1L9.5 6.5V2M4.7 10h6.6",
  campaigns: "M2.5 6.5v3l7.5 3.5v-10zM10 6a2 2 0 010 4M5 10.5v3",
  content: "M3 2.5h10v11H3zM5.5 6h5M5.5 8.5h5M5.5 11h3",
  insights: "M5.5 10.5a4 4 0 115 0v1.5h-5zM6.5 14.2h3",
  models: "M8 2l5.5 3v6L8 14l-5.5-3V5zM8 8l5.5-3M8 8v6M8 8L2.5 5",
  settings:
    "M2 4.5h7M12.5 4.5H14M2 11.5h1.5M7 11.5h7M10.7 6.2a1.7 1.7 0 100-3.4 1.7 1.7 0 000 3.4zM5.2 13.2a1.7 1.7 0 100-3.4 1.7 1.7 0 000 3.4z",
  system: "M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01",
  menu: "M2 4h12M2 8h12M2 12h12",
  close: "M4 4l8 8M12 4l-8 8",
  down: "M4.5 6.5L8 10l3.5-3.5",
  left: "M9.5 4L5.5 8l4 4",
  right: "M6.5 4l4 4-4 4",
  check: "M3 8.5l3.2 3L13 4.8",
  search: "M7 11.5a4.5 4.5 0 100-9 4.5 4.5 0 000 9zM10.5 10.5L14 14",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  table: "M2 3h12v10H2zM2 6.5h12M2 9.8h12M6.5 6.5V13",
  line: "M2 12l3.5-4.5 3 2.5L14 4",
  download: "M8 2.5v7.5M5 7.2L8 10.2l3-3M2.5 13.5h11",
  calendar: "M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 2v3M10.5 2v3",
  sun: "M8 10.8a2.8 2.8 0 100-5.6 2.8 2.8 0 000 5.6zM8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1",
  moon: "M13.5 9.6A5.8 5.8 0 116.4 2.5a4.6 4.6 0 007.1 7.1z",
  screen: "M2 3h12v8H2zM6 13.5h4",
  plus: "M8 3v10M3 8h10",
  user: "M8 8a2.7 2.7 0 100-5.4A2.7 2.7 0 008 8zM2.8 13.6a5.2 5.2 0 0110.4 0",
  signout: "M6 2.5H2.5v11H6M10 5l3 3-3 3M13 8H6",
  help: "M5.8 5.8A2.2 2.2 0 118 8.3v1.2M8 12h.01",
  refresh: "M13.5 8a5.5 5.5 0 11-1.7-4M13.5 2v3h-3",
  warning: "M8 2.2l6.3 11.3H1.7zM8 6.5v3M8 11.5h.01",
  trash: "M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.6 9h6.8l.6-9",
  external: "M9 2.5h4.5V7M13.5 2.5L7.5 8.5M11 9.5v4H2.5V5h4",
  up: "M8 13V3.5M4 7.2l4-4 4 4",
  fall: "M8 3v9.5M4 8.8l4 4 4-4",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.4"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  );
}

export function Logo() {
  return (
    <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="9" fill="var(--accent)" />
      <path
        d="M7 22c3.5 0 4.2-12 9-12s5.5 12 9 12"
        fill="none"
        stroke="var(--accent-ink)"
        stroke-width="2.6"
        stroke-linecap="round"
      />
      <circle cx="16" cy="10" r="3" fill="var(--accent-ink)" />
    </svg>
  );
}
