// Which licences the copyright file of a Debian package names. Pure.

/** A copyright file that programs can read opens with the address of its format. */
const MACHINE_READABLE = /^Format(?:-Specification)?:\s*\S*\b(?:copyright-format|dep\.debian\.net\/deps\/dep5|svn.*dep5)/m;
const FIELD = /^License:[ \t]*(\S.*)$/gm;
/** Texts that many packages share lie in one folder; what a file names there, it is under. */
const SHARED_TEXT = /\/usr\/share\/common-licenses\/([A-Za-z][\w.+-]*\w)/g;

/**
 * The licences as the file names them, each once, sorted: the `License` fields of a machine-readable file (DEP 5),
 * else the shared texts that a file in prose refers to. Empty where it does neither: nothing is guessed from texts.
 */
export function licencesOf(copyright: string): string[] {
  const found = MACHINE_READABLE.test(copyright) ? copyright.matchAll(FIELD) : copyright.matchAll(SHARED_TEXT);
  return [...new Set([...found].map(([, name = '']) => name.trim()))].toSorted();
}
