// The page: the table or one MCPServer, and above both what is to be said about the way to the cluster.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { About, Link } from '../told.ts';
import { ageOf, useNow } from './ages.ts';
import { DetailView } from './detail-view.tsx';
import { FleetView } from './fleet-view.tsx';
import { routeOf, type Route } from './route.ts';

/** What both views tell of the way between cluster and page. */
export interface WayProps {
  readonly onAbout: (about: About) => void;
  readonly onLink: (link: Link) => void;
  readonly onProblem: (sentence: string | null) => void;
}

const FINE: Link = { away: null, since: null };

export function App(): JSX.Element {
  const route = useRoute();
  const [about, setAbout] = useState<About>();
  const [link, setLink] = useState(FINE);
  const [problem, setProblem] = useState<string | null>(null);
  const way: WayProps = { onAbout: setAbout, onLink: setLink, onProblem: setProblem };
  const isLive = about !== undefined && problem === null && link.away === null;
  return (
    <>
      <header class="top">
        <a class="home" href="#/">MCPServers</a>
        <span class="where">{about !== undefined && `${about.namespace === null ? 'all namespaces' : `namespace ${about.namespace}`} at ${about.cluster}`}</span>
        <span class="pulse">{isLive ? <><span class="shape live" aria-hidden="true" />live</> : 'not live'}</span>
      </header>
      <div role="status" aria-live="polite">
        {problem !== null && <p class="notice">{problem}</p>}
        {problem === null && link.away !== null && <Away link={link} />}
      </div>
      <main>
        {route.kind === 'fleet'
          ? <FleetView filters={route.filters} {...way} />
          : <DetailView key={`${route.namespace}/${route.name}`} namespace={route.namespace} name={route.name} {...way} />}
      </main>
      {about !== undefined && <footer>mcp-operator {about.version}. It reads with your rights, and calls a tool only where you do.</footer>}
    </>
  );
}

function Away({ link }: { readonly link: Link }): JSX.Element {
  const now = useNow();
  return (
    <p class="notice">
      The API server has not answered for {ageOf(link.since, now)}; it is asked again. What is shown is from before.
      {' '}<span class="quiet">{link.away}</span>
    </p>
  );
}

function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const listener = (): void => setHash(location.hash);
    addEventListener('hashchange', listener);
    return () => removeEventListener('hashchange', listener);
  }, []);
  return routeOf(hash);
}
