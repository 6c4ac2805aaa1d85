// Tables that can be sorted and searched, with the share of the whole drawn behind the first column.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { explain } from "../lib/api";
import { download, toCsv } from "../lib/csv";
import { count, percent } from "../lib/format";
import { option } from "../lib/options";
import { type CellValue, matching, parseSort, sorted, sortText } from "../lib/sort";
import { useView } from "../lib/url";
import { Dialog } from "./dialog";
import { Icon } from "./icons";
import { toast } from "./toast";

export interface Column<R> {
  key: string;
  label: string;
  /** What the column means, on hover of its head. */
  hint?: string;
  /** Sorting and CSV use this. */
  value: (row: R) => CellValue;
  /** What the cell shows; otherwise the value itself. */
  cell?: (row: R) => ComponentChildren;
  /** The exact value, on hover. */
  exact?: (row: R) => string | undefined;
  /** Left out where room is short. */
  wideOnly?: boolean;
  /** Holds a drawing, which needs more room than a number. */
  plot?: boolean;
  /** Says more below the number where room is short, and needs the width for it. */
  noted?: boolean;
}

interface Props<R> {
  /** Names the table in the address ("pages.sort") and its CSV file. */
  name: string;
  title: string;
  /** The first column names the row; the others are numbers. */
  columns: readonly [Column<R>, ...Column<R>[]];
  rows: readonly R[];
  rowKey: (row: R) => string;
  /** Number of rows there are; more than `rows` when the answer was cut. */
  total: number;
  defaultSort: string;
  /** What the bar behind the row shows, and of how much it is a part. */
  share?: { of: (row: R) => number; whole: number };
  searchText: (row: R) => string;
  /** Rows shown before "Show all"; the table keeps the height of that many. */
  preview?: number;
  /** Loads every row for "Show all" and for the file. */
  loadAll?: (() => Promise<readonly R[]>) | undefined;
  empty?: ComponentChildren;
  /** False for a table too short to search in. */
  search?: boolean;
}

export function DataTable<R>(props: Props<R>) {
  const { name, title, rows, total, preview = 9, loadAll } = props;
  const view = useView();
  const [search, setSearch] = option<string>(view, `${name}.q`, "");
  const [sort, setSort] = option<string>(view, `${name}.sort`, props.defaultSort);
  const [open, setOpen] = option<string>(view, "all", "");
  const showAll = open === name;

  const found = matching(rows, props.searchText, search);
  const all = order(found, props.columns, sort);
  const shown = all.slice(0, preview);
  const more = (search ? all.length : total) > shown.length;

  return (
    <div class="data-table">
      {props.search !== false && <SearchField title={title} value={search} onInput={setSearch} />}
      <div class="table-frame" style={{ minHeight: `${(preview + 1) * 36}px` }}>
        {shown.length > 0 ? (
          <Grid {...props} rows={shown} sort={sort} onSort={setSort} />
        ) : search ? (
          <p class="no-match">Nothing here matches “{search}”.</p>
        ) : (
          props.empty
        )}
      </div>
      <footer class="table-foot">
        {more && (
          <button
            type="button"
            class="link-button"
            onClick={() => setOpen(name, { replace: false })}
          >
            Show all {count(search ? all.length : total)}
          </button>
        )}
        <CsvButton {...props} />
      </footer>
      {showAll && (
        <Dialog title={title} wide onClose={() => setOpen("")}>
          <AllRows
            {...props}
            loadAll={rows.length < total ? loadAll : undefined}
            sort={sort}
            onSort={setSort}
          />
        </Dialog>
      )}
    </div>
  );
}

function order<R>(rows: readonly R[], columns: readonly Column<R>[], sort: string): readonly R[] {
  const { key, descending } = parseSort(sort);
  const column = columns.find((each) => each.key === key);
  return column ? sorted(rows, column.value, descending) : rows;
}

function SearchField(props: { title: string; value: string; onInput: (value: string) => void }) {
  return (
    <label class="search">
      <span class="visually-hidden">Search {props.title.toLowerCase()}</span>
      <Icon name="search" size={14} />
      <input
        type="search"
        placeholder="Search"
        value={props.value}
        onInput={(event) => props.onInput(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          if (props.value) {
            event.stopPropagation();
            event.preventDefault();
            props.onInput("");
          } else event.currentTarget.blur();
        }}
      />
    </label>
  );
}

type AllProps<R> = Props<R> & {
  sort: string;
  onSort: (sort: string) => void;
};

function AllRows<R>(props: AllProps<R>) {
  const { columns, title, loadAll } = props;
  const [search, setSearch] = useState("");
  const [rows, setRows] = useState(props.rows);
  const [problem, setProblem] = useState("");

  useEffect(() => {
    loadAll?.().then(setRows, (error: unknown) => setProblem(explain(error)));
  }, []);

  const found = order(matching(rows, props.searchText, search), columns, props.sort);
  return (
    <div class="all-rows">
      <SearchField title={title} value={search} onInput={setSearch} />
      {problem && (
        <p class="form-error">
          Only the first {count(rows.length)} are here: {problem}
        </p>
      )}
      <div class="all-rows-scroll">
        <Grid {...props} rows={found} sort={props.sort} onSort={props.onSort} full />
        {found.length === 0 && <p class="no-match">Nothing here matches “{search}”.</p>}
      </div>
      <p class="all-rows-count">
        {count(found.length)} of {count(props.total)}
      </p>
    </div>
  );
}

type GridProps<R> = Props<R> & { sort: string; onSort: (sort: string) => void; full?: boolean };

function Grid<R>({ title, columns, rows, rowKey, share, sort, onSort, full }: GridProps<R>) {
  const { key: sortKey, descending } = parseSort(sort);
  const [first, ...others] = columns;
  const click = (column: Column<R>): void => {
    const next =
      column.key === sortKey
        ? !descending
        : rows.some((row) => typeof column.value(row) === "number");
    onSort(sortText({ key: column.key, descending: next }));
  };
  const head = (column: Column<R>, numeric: boolean) => {
    const active = column.key === sortKey;
    return (
      <th
        key={column.key}
        scope="col"
        class={`${numeric ? "number" : "name"}${column.wideOnly ? " wide-only" : ""}${column.plot ? " plot" : ""}${column.noted ? " noted" : ""}`}
        aria-sort={active ? (descending ? "descending" : "ascending") : "none"}
      >
        <button
          type="button"
          onClick={() => click(column)}
          {...(column.hint ? { "data-tip": column.hint } : {})}
        >
          {column.label}
          <span class="sort-mark" aria-hidden="true">
            {active ? (descending ? "↓" : "↑") : ""}
          </span>
        </button>
      </th>
    );
  };
  const width = (row: R): number =>
    share && share.whole > 0 ? Math.min(1, Math.max(0, share.of(row) / share.whole)) : 0;
  return (
    <table class={full ? "full" : ""}>
      <caption class="visually-hidden">{title}</caption>
      <thead>
        <tr>
          {head(first, false)}
          {others.map((column) => head(column, true))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={rowKey(row)}>
            <th scope="row" class="name">
              {share && (
                <span
                  class="share-bar"
                  style={{ width: `${(width(row) * 100).toFixed(2)}%` }}
                  aria-hidden="true"
                />
              )}
              <span class="cell-text" data-tip={first.exact?.(row)}>
                {first.cell ? first.cell(row) : first.value(row)}
              </span>
            </th>
            {others.map((column, index) => (
              <td key={column.key} class={`number${column.wideOnly ? " wide-only" : ""}`}>
                <span data-tip={tip(column, row, index === 0 && share ? width(row) : null)}>
                  {column.cell ? column.cell(row) : (column.value(row) ?? "–")}
                </span>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function tip<R>(column: Column<R>, row: R, share: number | null): string | undefined {
  const exactText = column.exact?.(row);
  if (share === null) return exactText;
  return [exactText, `${percent(share)} of all`].filter(Boolean).join(" · ");
}

function CsvButton<R>({ name, title, columns, rows, total, loadAll }: Props<R>) {
  const save = async (): Promise<void> => {
    try {
      const all = rows.length < total && loadAll ? await loadAll() : rows;
      const header = columns.map((column) => column.label);
      download(
        `${name}.csv`,
        toCsv(
          header,
          all.map((row) => columns.map((column) => column.value(row))),
        ),
      );
    } catch (error) {
      toast(explain(error));
    }
  };
  return (
    <button
      type="button"
      class="link-button quiet"
      aria-label={`${title} as CSV`}
      onClick={save}
      disabled={rows.length === 0}
    >
      <Icon name="download" size={14} /> CSV
    </button>
  );
}
