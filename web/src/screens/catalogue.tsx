// What does the site offer, what of it can be recommended?

import { sitePath, withQuery } from "../lib/api";
import { ago, count, dash, money, plural } from "../lib/format";
import { option } from "../lib/options";
import { useResource } from "../lib/resource";
import type { ProductRow, ProductsAnswer, Site } from "../lib/types";
import type { View } from "../lib/url";
import { InlineChoice } from "../components/choice";
import { type Column, DataTable } from "../components/data_table";
import { Empty, Panel, SkeletonRows } from "../components/panel";
import { SearchForm } from "../components/search_form";

const states = {
  "": "All",
  hidden: "Hidden",
  out_of_stock: "Out of stock",
  seen: "Known by events only",
};

const types = {
  "": "All types",
  product: "Products",
  content: "Content",
  offer: "Offers",
};

const shownAtOnce = 200;

export function CatalogueScreen({ view, site }: { view: View; site: Site }) {
  const [search, setSearch] = option<string>(view, "search", "");
  const [state, setState] = option<string>(view, "state", "", Object.keys(states));
  const [type, setType] = option<string>(view, "type", "", Object.keys(types));
  const products = useResource<ProductsAnswer>(
    withQuery(sitePath(site, "products"), { search, state, type, limit: shownAtOnce }),
    { everyMs: 15_000 },
  );
  return (
    <div class="screen">
      <div class="screen-head">
        <div>
          <h1>Catalogue</h1>
          <p class="answer">
            {products.data ? answer(products.data.total, Boolean(search || state || type)) : "\u00a0"}
          </p>
        </div>
      </div>
      <Panel
        title="Products"
        hint="Hidden products and those out of stock are never recommended."
        resource={products}
        skeleton={<SkeletonRows rows={12} />}
        class="table-panel"
        controls={
          <SearchForm
            label="Search in the catalogue"
            placeholder="Id, name, category or brand"
            value={search}
            onSearch={setSearch}
          >
            <InlineChoice label="Which products" value={state} set={setState} words={states} />
            <InlineChoice label="Of which type" value={type} set={setType} words={types} />
          </SearchForm>
        }
      >
        {(data) =>
          data.products.length > 0 ? (
            <Products rows={data.products} total={data.total} site={site} />
          ) : search || state || type ? (
            <p class="no-match">No product matches.</p>
          ) : (
            <Empty title="No products yet.">
              <p>
                Products come with shop events by themselves. With a catalogue, names, prices, stock
                and hidden products are known too:{" "}
                <code>attune import products catalogue.csv --site {site.domain}</code>
              </p>
            </Empty>
          )
        }
      </Panel>
    </div>
  );
}

function answer(total: number, filtered: boolean): string {
  const products = plural(total, "product");
  if (filtered) return `${products} found.`;
  return `${products} ${total === 1 ? "is" : "are"} known.`;
}

interface ProductsProps {
  rows: readonly ProductRow[];
  total: number;
  site: Site;
}

function Products({ rows, total, site }: ProductsProps) {
  const columns: [Column<ProductRow>, ...Column<ProductRow>[]] = [
    {
      key: "name",
      label: "Product",
      value: (row) => row.name ?? row.item_id,
      exact: (row) => row.item_id,
    },
    { key: "category", label: "Category", value: (row) => row.category ?? dash, wideOnly: true },
    { key: "type", label: "Type", value: (row) => row.type, wideOnly: true },
    { key: "brand", label: "Brand", value: (row) => row.brand ?? dash, wideOnly: true },
    {
      key: "price",
      label: "Price",
      value: (row) => row.price,
      cell: (row) => (row.price === null ? dash : money(row.price, row.currency ?? site.currency)),
    },
    {
      key: "stock",
      label: "Stock",
      hint: "Nothing: the stock is not tracked.",
      value: (row) => row.stock,
      cell: (row) => (row.stock === null ? dash : row.stock <= 0 ? "Out" : count(row.stock)),
      wideOnly: true,
    },
    {
      key: "state",
      label: "Shown",
      hint: "Whether it can be recommended.",
      value: (row) => state(row),
      exact: (row) =>
        row.source === "catalogue" ? undefined : "No catalogue has it; an event named it.",
    },
    {
      key: "updated",
      label: "Changed",
      value: (row) => Date.parse(row.updated_at),
      cell: (row) => ago(Date.parse(row.updated_at), Date.now()),
      wideOnly: true,
    },
  ];
  return (
    <>
      <DataTable
        name="products"
        title="Products"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.item_id}
        total={rows.length}
        defaultSort="-updated"
        searchText={(row) => `${row.item_id} ${row.name ?? ""}`}
        preview={25}
        search={false}
      />
      {total > rows.length && (
        <p class="muted">
          The {count(rows.length)} changed last of {count(total)}. Search to find the others.
        </p>
      )}
    </>
  );
}

function state(row: ProductRow): string {
  if (row.hidden) return "Hidden";
  return row.stock !== null && row.stock <= 0 ? "Out of stock" : "Yes";
}
