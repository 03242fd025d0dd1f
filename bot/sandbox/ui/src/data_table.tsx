// A small table with pages, for the `data_table` block that the library does not know.

import { useState } from "preact/hooks";

import { Plain } from "./blocks";
import type { Block } from "./types";

const PAGE_SIZE = 25;

export function DataTable({ block }: { block: Block }) {
  const rows: Block[][] = block.rows ?? [];
  const [header = [], ...body] = rows;
  const size = Number(block.page_size) || PAGE_SIZE;
  const pages = Math.max(1, Math.ceil(body.length / size));
  const [wanted, turn] = useState(0);
  const page = Math.min(wanted, pages - 1);
  const first = page * size;
  const shown = body.slice(first, first + size);
  const caption = typeof block.caption === "string" ? block.caption : (block.caption?.text ?? "");
  return (
    <div class="data-table">
      <div class="data-table-scroll" tabIndex={0} role="region" aria-label={caption || "Table"}>
        <table>
          <caption>{caption}</caption>
          <thead>
            <tr>
              {header.map((cell, at) => (
                <th key={at} scope="col">
                  <Cell cell={cell} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, at) => (
              <tr key={first + at}>
                {row.map((cell, column) => (
                  <td key={column} class={cell?.type === "raw_number" ? "number" : ""}>
                    <Cell cell={cell} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {pages > 1 ? (
        <div class="data-table-foot">
          <button type="button" class="quiet" disabled={page === 0} onClick={() => turn(page - 1)}>
            Previous
          </button>
          <span>
            {first + 1}–{first + shown.length} of {body.length}
          </span>
          <button type="button" class="quiet" disabled={page + 1 >= pages} onClick={() => turn(page + 1)}>
            Next
          </button>
        </div>
      ) : null}
    </div>
  );
}

function Cell({ cell }: { cell: Block | undefined }) {
  if (!cell) return null;
  if (cell.type === "rich_text") return <Plain block={cell} />;
  return <>{String(cell.text ?? cell.value ?? "")}</>;
}
