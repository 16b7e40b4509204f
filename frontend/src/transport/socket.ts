import type { Connection } from "../contract";
import { type Action, ConnectionMachine, type Heard } from "./machine";

/** One connection; what is sent after it was lost goes nowhere. */
export interface Line {
  send(data: string | ArrayBuffer): void;
}

export interface LiveSocketHandlers {
  connection(connection: Connection): void;
  /** Handles a message and says what it was. `arrived` in ms of the monotonic clock. */
  message(data: string | ArrayBuffer, arrived: number, line: Line): Heard;
}

const SUBPROTOCOL = "sov.1";
const NORMAL_CLOSURE = 1000;
const NO_CLOSE_FRAME = 1006;

/** Keeps a WebSocket to the server for ever, as ConnectionMachine decides. */
export class LiveSocket {
  private readonly url: string;
  private readonly handlers: LiveSocketHandlers;
  private readonly machine = new ConnectionMachine(Math.random);
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, handlers: LiveSocketHandlers) {
    this.url = url;
    this.handlers = handlers;
  }

  start(): void {
    this.perform(this.machine.start(performance.now()));
  }

  /** The network is there again, or the page is seen again. */
  wake(): void {
    this.perform(this.machine.wake(performance.now()));
  }

  /** The worker did something else for so long, which must not count as silence of the server. */
  busy(ms: number): void {
    this.machine.busy(ms);
  }

  private perform(actions: Action[]): void {
    for (const action of actions) {
      if (action.do === "open") this.open();
      else if (action.do === "drop") this.drop();
      else this.handlers.connection(action.connection);
    }
    clearTimeout(this.timer);
    const deadline = this.machine.deadline();
    if (deadline !== Infinity) {
      const delay = Math.max(0, deadline - performance.now()) + 1;
      this.timer = setTimeout(() => this.perform(this.machine.tick(performance.now())), delay);
    }
  }

  private open(): void {
    let socket: WebSocket;
    try {
      socket = new WebSocket(this.url, SUBPROTOCOL);
    } catch (error) {
      this.perform(this.machine.closed(String(error), performance.now()));
      return;
    }
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    const line: Line = {
      send: (data) => {
        if (socket === this.socket && socket.readyState === WebSocket.OPEN) socket.send(data);
      },
    };
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.perform(this.machine.opened(performance.now()));
    };
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      const arrived = performance.now();
      if (!this.machine.mayUse(arrived)) {
        this.perform(this.machine.tick(arrived));
        return;
      }
      const heard = this.handlers.message(event.data, arrived, line);
      this.machine.busy(performance.now() - arrived);
      this.perform(this.machine.heard(heard, performance.now()));
    };
    socket.onclose = (event) => this.perform(this.machine.closed(closeReason(event, opened), performance.now()));
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(NORMAL_CLOSURE);
  }
}

function closeReason(event: CloseEvent, opened: boolean): string {
  if (event.code === NO_CLOSE_FRAME) return opened ? "the connection broke" : "the connection could not be made";
  const closed = "the server closed the connection";
  return event.reason === "" ? `${closed} (${event.code})` : `${closed}: ${event.reason}`;
}
