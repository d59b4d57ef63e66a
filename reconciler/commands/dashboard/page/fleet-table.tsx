// The rows themselves. The roles are said, for on a narrow screen the table is drawn as a list, and a browser would forget them.
import { Component, type JSX } from 'preact';
import type { Row } from '../told.ts';
import { ageOf } from './ages.ts';
import type { Filters, Sort } from './filters.ts';
import { fleetHash, serverHash } from './route.ts';
import { StateMark } from './state-mark.tsx';

const COLUMNS: readonly { readonly label: string; readonly sort: Sort | undefined; readonly name: string }[] = [
  { label: 'Name', sort: 'name', name: 'name' },
  { label: 'State', sort: 'state', name: 'phase' },
  { label: 'Why', sort: 'reason', name: 'why' },
  { label: 'Replicas', sort: 'replicas', name: 'replicas' },
  { label: 'Endpoint', sort: undefined, name: 'endpoint' },
  { label: 'Server', sort: 'server', name: 'server' },
  { label: 'Verdict for', sort: 'verdict', name: 'verdict' },
];

interface TableProps {
  readonly rows: readonly Row[];
  readonly filters: Filters;
  readonly now: number;
}

export function FleetTable({ rows, filters, now }: TableProps): JSX.Element {
  return (
    <table class="fleet" role="table" aria-label="MCPServers">
      <thead role="rowgroup">
        <tr role="row">{COLUMNS.map((column) => <Heading key={column.name} {...column} filters={filters} />)}</tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => <RowView key={row.key} row={row} age={ageOf(row.verdictSince, now)} />)}
      </tbody>
    </table>
  );
}

interface HeadingProps {
  readonly label: string;
  readonly sort: Sort | undefined;
  readonly name: string;
  readonly filters: Filters;
}

function Heading({ label, sort, name, filters }: HeadingProps): JSX.Element {
  if (sort === undefined) return <th class={name} role="columnheader" scope="col">{label}</th>;
  const isSorted = filters.sort === sort;
  const direction = filters.isReversed ? 'descending' : 'ascending';
  const next = { ...filters, sort, isReversed: isSorted && !filters.isReversed, page: 1 };
  return (
    <th class={name} role="columnheader" scope="col" aria-sort={isSorted ? direction : 'none'}>
      <a href={fleetHash(next)}>{label}<span aria-hidden="true">{isSorted ? (filters.isReversed ? ' ↑' : ' ↓') : ''}</span></a>
    </th>
  );
}

interface RowProps {
  readonly row: Row;
  readonly age: string;
}

/** Drawn again only where something of it is another: most changes are of other rows. */
class RowView extends Component<RowProps> {
  override shouldComponentUpdate({ row, age }: RowProps): boolean {
    return row !== this.props.row || age !== this.props.age;
  }

  override render(): JSX.Element {
    const { row, age } = this.props;
    const { namespace, name, phase, ready, reason, message, replicas, readyReplicas, endpoint, server, version, verdictSince } = row;
    return (
      <tr role="row">
        <th class="name" role="rowheader" scope="row"><a id={`row-${row.key}`} href={serverHash(row)}>{name}</a><span class="quiet">{namespace}</span></th>
        <td class="phase" role="cell"><StateMark word={phase} tone={ready === 'True' ? 'good' : undefined} /></td>
        <td class="why" role="cell"><strong>{reason}</strong> <span class="message">{message}</span></td>
        <td class="replicas" role="cell">{readyReplicas}/{replicas}<span class="unseen"> ready</span></td>
        <td class="endpoint" role="cell">{endpoint ?? <span class="quiet">none</span>}</td>
        <td class="server" role="cell">{server ?? <span class="quiet">not known</span>} {version !== null && <span class="quiet">{version}</span>}</td>
        <td class="verdict" role="cell">
          {verdictSince === null ? <span class="quiet">none yet</span> : <time dateTime={verdictSince} title={verdictSince}>{age}</time>}
        </td>
      </tr>
    );
  }
}
