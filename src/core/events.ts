import type { Enclosures, NewEvent, Signal } from "./event-log.ts";
import { EVENTS_PER_CALL_MAX } from "./limits.ts";
import type { ObjectSchema } from "./schema.ts";

/** Where a handler leaves what subscribers shall hear; it is pushed after commit, never before. */
export interface Events {
  /**
   * @param topic which subscribers: the same text their subscription's `topic` answers
   * @param type the wire name of the push; a subscription or the module declares it
   * @param enclosed what single people get beside the data, unrecorded; see {@link NewEvent}
   */
  emit(topic: string, type: string, data: object, enclosed?: Enclosures): void;
  /** Tells whoever listens now, after the commit if there is one. It may be lost. */
  signal(topic: string, type: string, data: object): void;
}

/** For what records nothing: its signals go out at once. */
export function signalsOnly(
  schemas: ReadonlyMap<string, ObjectSchema>,
  streams: { signal(signals: readonly Signal[]): void },
): Events {
  return {
    emit() {
      throw new Error("Only writing operations emit events.");
    },
    signal(topic, type, data) {
      const collector = new EventCollector(schemas);
      collector.signal(topic, type, data);
      streams.signal(collector.signalled);
    },
  };
}

/** Collects the events of one transaction attempt and holds them against their schemas. */
export class EventCollector implements Events {
  readonly #schemas: ReadonlyMap<string, ObjectSchema>;
  readonly emitted: NewEvent[] = [];
  readonly signalled: Signal[] = [];

  constructor(schemas: ReadonlyMap<string, ObjectSchema>) {
    this.#schemas = schemas;
  }

  emit(topic: string, type: string, data: object, enclosed?: Enclosures): void {
    this.emitted.push({ ...this.#checked(topic, type, data), enclosed });
  }

  signal(topic: string, type: string, data: object): void {
    this.signalled.push(this.#checked(topic, type, data));
  }

  #checked(topic: string, type: string, data: object): Signal {
    const schema = this.#schemas.get(type);
    if (schema === undefined) throw new Error(`No subscription declares the event ${type}.`);
    if (this.emitted.length + this.signalled.length >= EVENTS_PER_CALL_MAX) {
      throw new Error(`One call emits more than ${EVENTS_PER_CALL_MAX} events.`);
    }
    return { topic, type, data: schema.parse(data) };
  }
}
