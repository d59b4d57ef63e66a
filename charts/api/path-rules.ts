// Rules about the path of the MCP endpoint: see rules.ts. What climbs out of where the path is put is refused, however it is spelled.
import type { SpecRule } from './spec-rule.ts';

const PATH = /^\/[!"$->@-~]*$/;
/** A percent sign, encoded any number of times. */
const PERCENT = '%(25)*';
const SLASH = String.raw`([/\\]|${PERCENT}(2f|5c))`;
/** Whatever follows a semicolon is no part of a segment's name to some programs. */
const PARAMETERS = String.raw`((;|${PERCENT}3b)[^/\\]*)?`;
/** A segment that is `.` or `..`. */
const CLIMBS = String.raw`(^|${SLASH})(\.|${PERCENT}2e){1,2}${PARAMETERS}(${SLASH}|$)`;
/** What programs read differently: backslashes, control characters, and ASCII in an encoding that UTF-8 does not know. */
const AMBIGUOUS = String.raw`\\|${PERCENT}([01][0-9a-f]|7f|c[01]|e0${PERCENT}[89]|f0${PERCENT}80|u00)`;
const MISLEADING = `${CLIMBS}|${AMBIGUOUS}`;
const MISLEADING_PATH = new RegExp(MISLEADING);

export const PATH_RULES: readonly SpecRule[] = [
  {
    field: 'path',
    cel: `self.path.matches(r'${PATH.source}')`,
    message: 'path must be absolute, such as /mcp, without blanks, "?", "#" and characters outside ASCII',
    holds: ({ path }) => PATH.test(path),
  },
  {
    field: 'path',
    cel: `!self.lowerAscii().matches(r'${MISLEADING}')`,
    message: 'path cannot have segments "." and "..", backslashes or control characters, also not encoded: write it as servers see it',
    sparesStored: true,
    meanwhile: 'it is asked as clients write such a path, without these, or not at all where that is not clear',
    holds: ({ path }) => !isMisleading(path),
  },
];

/** The path that is asked: as URLs of clients have it, which for nearly all is as it is written; undefined where programs may not agree on it. */
export function askedPath(path: string): string | undefined {
  if (!isMisleading(path)) return path;
  const asked = new URL(`http://server${path}`).pathname;
  return isMisleading(asked) ? undefined : asked;
}

function isMisleading(path: string): boolean {
  return MISLEADING_PATH.test(path.toLowerCase());
}
