// What a host name is.

/** A host name in lower case without a trailing dot. More than DNS names hosts: "_" is in names of containers. */
export const HOST_NAME = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;
