/** What a file needs of the worker: each question has a number, and its answer brings that back. No DOM. */

import type { FromWorker, Orders } from "../../contract";
import type { Senders } from "../../contract/kinds";

type Kind = "snapshot" | "pixels";
export type Answer<K extends Kind> = Extract<FromWorker, { type: K }>;

/** A worker that does not answer in this time is not able to. */
const PATIENCE_MS = 20_000;

export class Questions {
  private readonly waiting = new Map<number, (answer: Answer<Kind>) => void>();
  private readonly worker: Pick<Senders<Orders>, Kind>;
  /** Negative, so that they are never those of the console's questions. */
  private next = -1;

  constructor(worker: Pick<Senders<Orders>, Kind>) {
    this.worker = worker;
  }

  ask<K extends Kind>(type: K): Promise<Answer<K>> {
    const id = this.next;
    this.next -= 1;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(new Error("the picture did not come in time"));
      }, PATIENCE_MS);
      this.waiting.set(id, (answer) => {
        clearTimeout(timer);
        this.waiting.delete(id);
        resolve(answer as Answer<K>);
      });
      this.worker[type]({ id });
    });
  }

  /** Takes an answer of the worker; of others it takes no notice. */
  answer(message: Answer<Kind>): void {
    this.waiting.get(message.id)?.(message);
  }
}
