// A small operator in Go, to measure the operator of this project against.
import { join } from 'node:path';
import { obtainGoProgram } from '../../support/go-program.ts';

/** Path of the program; the first call on a machine builds it. Throws when Go is missing or fails. */
export function goOperator(log: (line: string) => void): Promise<string> {
  const source = join(import.meta.dirname, 'go-operator');
  return obtainGoProgram({ name: 'go-operator', source, packagePath: '.', files: ['main.go'] }, log);
}
