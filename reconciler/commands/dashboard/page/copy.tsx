// Text to copy, and a button that does it.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

const SAID_MS = 2000;

interface CopyProps {
  readonly text: string;
  /** What is copied, for who cannot see what the button stands beside. */
  readonly what: string;
}

export function Copy({ text, what }: CopyProps): JSX.Element {
  const [said, setSaid] = useState('');
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied');
    } catch {
      setSaid('Not permitted');
    }
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setSaid(''), SAID_MS);
  };
  return (
    <span class="copy">
      <button type="button" onClick={() => void copy()} aria-label={`Copy: ${what}`}>{said === '' ? 'Copy' : said}</button>
      <span class="unseen" role="status">{said}</span>
    </span>
  );
}

/** One command. */
export function Command({ command, what }: { readonly command: string; readonly what: string }): JSX.Element {
  return (
    <div class="command">
      <code tabIndex={0} role="textbox" aria-readonly="true" aria-label={`Command: ${what}`}>{command}</code>
      <Copy text={command} what={what} />
    </div>
  );
}

/** Several lines, in a box that scrolls. */
export function Block({ text, what, canCopy = true }: CopyProps & { readonly canCopy?: boolean }): JSX.Element {
  return (
    <div class="block">
      <pre tabIndex={0} role="group" aria-label={what}>{text}</pre>
      {canCopy && <Copy text={text} what={what} />}
    </div>
  );
}
