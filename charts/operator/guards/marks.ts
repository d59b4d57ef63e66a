// The marks by which guards know the operator's objects: those that the operator sets and reads.
import { GROUP } from '../../api/group.ts';

/** Annotation with namespace, name and uid of the owner. */
export const OWNER_ANNOTATION = `${GROUP}/owner`;
/** Annotation by which a foreign object consents to be taken over. */
export const ADOPT_ANNOTATION = `${GROUP}/adopt-by`;
/** How the keys of all annotations of the operator begin. */
export const OWN_ANNOTATIONS = `${GROUP}/*`;
/** Labels that the operator sets on pods. */
export const OWN_LABELS = [`${GROUP}/*`, 'app.kubernetes.io/name', 'app.kubernetes.io/instance', 'app.kubernetes.io/component', 'app.kubernetes.io/managed-by', 'example.com/transport'];
