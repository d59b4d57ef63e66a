// Where an overriding variable stands: the kubelet resolves `$(NAME)` among the variables that stand before, and in no other.
import type { k8s } from 'cdk8s-plus-28';

/**
 * Variables by name, the last of a name winning. It keeps the place of the one it overrides, unless its value refers to a variable
 * that stands after that place: then it moves behind all that came before it, so that the reference resolves.
 */
export function inOrder(variables: readonly k8s.EnvVar[]): k8s.EnvVar[] {
  const placed = new Map<string, k8s.EnvVar>();
  for (const variable of variables) {
    const names = [...placed.keys()];
    const later = names.slice(names.indexOf(variable.name) + 1);
    // Those that would resolve nothing by it stay: another order would replace pods that work.
    if (placed.has(variable.name) && referredTo(variable.value ?? '').some((name) => later.includes(name))) placed.delete(variable.name);
    placed.set(variable.name, variable);
  }
  return [...placed.values()];
}

/** Names in `$(NAME)`, as the kubelet reads a value; `$$` stands for a dollar sign. */
function referredTo(value: string): string[] {
  return [...value.matchAll(/\$(?:\$|\(([^)]*)\))/g)].flatMap(([, name]) => name ?? []);
}
