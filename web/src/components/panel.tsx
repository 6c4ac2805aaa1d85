// A part of a screen that loads, fails and recovers by itself. It keeps its size while it waits, dims
// old data while new data comes, and says why when it cannot.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { type ApiError, explain } from "../lib/api";
import type { Resource } from "../lib/resource";
import { Icon } from "./icons";

interface PanelProps<T> {
  title: string;
  /** Explains the panel on hover of its title. */
  hint?: string;
  resource: Resource<T>;
  actions?: ComponentChildren;
  /** Under the title, also while loading: tabs, a search field. */
  controls?: ComponentChildren;
  /** What to show until the first data is there; same height as the content. */
  skeleton: ComponentChildren;
  class?: string;
  children: (data: T) => ComponentChildren;
}

export function Panel<T>(props: PanelProps<T>) {
  const { title, hint, resource, actions, controls, skeleton } = props;
  const id = useId();
  return (
    <section class={`panel ${props.class ?? ""}`} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id} {...(hint ? { "data-tip": hint } : {})}>
          {title}
        </h2>
        {actions && <div class="panel-actions">{actions}</div>}
      </header>
      {controls}
      <Loaded resource={resource} skeleton={skeleton}>
        {props.children}
      </Loaded>
    </section>
  );
}

interface LoadedProps<T> {
  resource: Resource<T>;
  skeleton: ComponentChildren;
  children: (data: T) => ComponentChildren;
}

/** The inside of a panel without its frame. */
export function Loaded<T>({ resource, skeleton, children }: LoadedProps<T>) {
  const { data, error, stale, loading } = resource;
  if (error && (data === null || stale)) return <Failure error={error} onRetry={resource.reload} />;
  if (loading || data === null) {
    return (
      <div class="skeleton" aria-busy="true">
        <span class="visually-hidden">Loading</span>
        {skeleton}
      </div>
    );
  }
  return (
    <>
      {error && <Failure error={error} onRetry={resource.reload} compact />}
      <div class={`panel-content${stale ? " stale" : ""}`} aria-busy={stale}>
        {children(data)}
      </div>
    </>
  );
}

interface FailureProps {
  error: ApiError;
  onRetry: () => void;
  compact?: boolean;
}

/** Why something did not work, and a button to try it again. */
export function Failure({ error, onRetry, compact = false }: FailureProps) {
  return (
    <div class={`failure${compact ? " compact" : ""}`} role="alert">
      <Icon name="warning" />
      <p>
        {compact ? "This may be out of date. " : ""}
        {explain(error)}
      </p>
      <button type="button" class="button small" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}

/** `rows` grey lines where the rows of a table will be. */
export function SkeletonRows({ rows = 8 }: { rows?: number }) {
  return (
    <>
      {Array.from({ length: rows }, (_, index) => (
        <div class="skeleton-row" key={index}>
          <i style={{ width: `${62 - ((index * 17) % 34)}%` }} />
          <i style={{ width: "40px" }} />
        </div>
      ))}
    </>
  );
}

interface EmptyProps {
  title: string;
  children?: ComponentChildren;
}

/** What will be here once there is data, and how to get it. */
export function Empty({ title, children }: EmptyProps) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}
