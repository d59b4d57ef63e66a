// Names of images, written out as container runtimes keep them.

const NAME = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const REGISTRY = /^(?:localhost|[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+|[a-zA-Z0-9.-]+:\d+)$/;

/** An image's name with nothing left out, and its tag. */
export interface ImageName {
  readonly full: string;
  readonly tag: string;
}

/** Adds what people leave out: `operator` is docker.io/library/operator:latest. Throws for what is no name with a tag. */
export function imageName(text: string): ImageName {
  const [first = '', ...others] = text.split('/');
  const hasRegistry = others.length > 0 && REGISTRY.test(first);
  const registry = hasRegistry ? first : 'docker.io';
  const rest = hasRegistry ? others.join('/') : text;
  const [path = '', tag = 'latest', ...more] = rest.split(':');
  if (!NAME.test(path) || !TAG.test(tag) || more.length > 0) throw new Error(`${text} is not the name of an image: expected for instance registry.example.com/tools/operator:1.0.0`);
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  return { full: `${registry}/${repository}:${tag}`, tag };
}
