import type { ReactElement, ReactNode } from 'react';
import './tables.css';
import { useStacked } from './useStacked';

export interface Column<Row> {
  id: string;
  title: ReactNode;
  cell(row: Row): ReactNode;
  /** Figures stand at the end of their cell with digits of one width. */
  figure?: boolean;
  /** Names its row. */
  heads?: boolean;
  /** The title is only spoken. */
  titleHidden?: boolean;
}

export interface DataTableProps<Row> {
  caption: ReactNode;
  captionHidden?: boolean;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey(row: Row): string;
  /** Where the table does not fit each row becomes a block of its own; else the table scrolls sideways. */
  stacks?: boolean;
  /** Scrolls inside this height. */
  maxHeight?: number;
}

/** A plain table: roles are spelled out because blocks on a phone would lose them. */
export function DataTable<Row>(props: DataTableProps<Row>): ReactElement {
  const { caption, captionHidden, columns, rows, rowKey, stacks, maxHeight } = props;
  const [frame, stacked] = useStacked(stacks ?? false);
  return (
    <div
      className="table-frame"
      ref={frame}
      role="region"
      aria-label={typeof caption === 'string' ? caption : undefined}
      tabIndex={0}
      style={maxHeight ? { maxHeight } : {}}
    >
      <table className="table" role="table" data-stacked={stacked || undefined}>
        <caption className={captionHidden ? 'hidden-text' : undefined}>{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th key={column.id} role="columnheader" scope="col" data-figure={column.figure || undefined}>
                <span className={column.titleHidden ? 'hidden-text' : undefined}>{column.title}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr role="row" key={rowKey(row)}>
              {columns.map((column) => (
                <Cell key={column.id} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell<Row>({ column, row }: { column: Column<Row>; row: Row }): ReactElement {
  const label = typeof column.title === 'string' && !column.titleHidden ? column.title : undefined;
  const shared = { 'data-label': label, 'data-figure': column.figure || undefined };
  return column.heads ? (
    <th role="rowheader" scope="row" {...shared}>
      <div>{column.cell(row)}</div>
    </th>
  ) : (
    <td role="cell" {...shared}>
      <div>{column.cell(row)}</div>
    </td>
  );
}
