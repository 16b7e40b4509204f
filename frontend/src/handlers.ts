/** Messages between page and worker find their handlers by their type; one without a handler does not compile. */

/**
 * A handler for each type of a message; `Rest`: what every handler is given besides. It is written as an object and not
 * as a switch, because the compiler refuses an object in which a name is missing or stands twice, and takes both of a
 * switch.
 */
export type Handlers<Message extends { type: string }, Rest extends unknown[] = []> = {
  readonly [Type in Message["type"]]: (message: Extract<Message, { type: Type }>, ...rest: Rest) => void;
};

/** For messages that mean nothing to this receiver. */
export function ignored(): void {
  return;
}

/** Hands a message to its handler. */
export function handle<Message extends { type: string }, Rest extends unknown[]>(
  handlers: Handlers<Message, Rest>,
  message: Message,
  ...rest: Rest
): void {
  const handler = handlers[message.type as Message["type"]] as (message: Message, ...rest: Rest) => void;
  handler(message, ...rest);
}
