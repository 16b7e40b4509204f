/**
 * Kinds of messages. What one side may say to another is an interface that maps each kind to its content; messages,
 * senders and handlers follow from it, so that one that is forgotten or stands twice does not compile.
 */

/** Content of a message whose kind says everything. */
export type NoContent = Readonly<Record<never, never>>;

type Flat<Content> = { [Key in keyof Content]: Content[Key] };

/** The messages of one kind or of some: their content, and their kind as `type`; of all kinds if none is named. */
export type Message<Kinds, Some extends keyof Kinds = keyof Kinds> = {
  [Kind in Some]: Flat<{ type: Kind } & Kinds[Kind]>;
}[Some];

/** Says a message of each kind. What is transferred is gone here afterwards. */
export type Senders<Kinds> = {
  readonly [Kind in keyof Kinds]: (content: Kinds[Kind], transfer?: Transferable[]) => void;
};

/**
 * A handler for each kind of message; `Rest`: what every handler is given besides. It is written as an object and not
 * as a switch, because the compiler refuses an object in which a name is missing or stands twice, and takes both of a
 * switch.
 */
export type Handlers<Kinds, Rest extends unknown[] = []> = {
  readonly [Kind in keyof Kinds]: (message: Message<Kinds, Kind>, ...rest: Rest) => void;
};

/** @param kinds all of them, because nothing is left of an interface when the page runs */
export function sendersOf<Kinds>(
  kinds: Readonly<Record<keyof Kinds, true>>,
  post: (message: Message<Kinds>, transfer?: Transferable[]) => void,
): Senders<Kinds> {
  const senders = (Object.keys(kinds) as (keyof Kinds)[]).map((type) => [
    type,
    (content: object, transfer?: Transferable[]) => post({ type, ...content } as Message<Kinds>, transfer),
  ]);
  return Object.fromEntries(senders) as Senders<Kinds>;
}

/** For messages that mean nothing to this receiver. */
export function ignored(): void {
  return;
}

/** Hands a message to its handler. */
export function handle<Kinds, Rest extends unknown[]>(
  handlers: Handlers<Kinds, Rest>,
  message: Message<Kinds>,
  ...rest: Rest
): void {
  const handler = handlers[message.type as keyof Kinds] as unknown as (message: object, ...rest: Rest) => void;
  handler(message as object, ...rest);
}
