// One line of `check`: what was looked at, how it is, and what to do. Pure.

/** How one thing is. */
export interface Check {
  /** Stays for scripts. */
  readonly name: string;
  /** `Warning`: nothing fails by it, or nobody could tell. */
  readonly result: 'Passed' | 'Warning' | 'Failed';
  readonly message: string;
  /** What to do; null where there is nothing. */
  readonly advice: string | null;
}

export function passed(name: string, message: string): Check {
  return { name, result: 'Passed', message, advice: null };
}

export function warning(name: string, message: string, advice: string): Check {
  return { name, result: 'Warning', message, advice };
}

export function failed(name: string, message: string, advice: string): Check {
  return { name, result: 'Failed', message, advice };
}
