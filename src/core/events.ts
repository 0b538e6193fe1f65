import type { NewEvent } from "./event-log.ts";
import { EVENTS_PER_CALL_MAX } from "./limits.ts";
import type { ObjectSchema } from "./schema.ts";

/** Where a handler leaves what subscribers shall hear; it is pushed after commit, never before. */
export interface Events {
  /**
   * @param topic which subscribers: the same text their subscription's `topic` answers
   * @param type the wire name of the push; a subscription or the module declares it
   */
  emit(topic: string, type: string, data: object): void;
}

/** Collects the events of one transaction attempt and holds them against their schemas. */
export class EventCollector implements Events {
  readonly #schemas: ReadonlyMap<string, ObjectSchema>;
  readonly emitted: NewEvent[] = [];

  constructor(schemas: ReadonlyMap<string, ObjectSchema>) {
    this.#schemas = schemas;
  }

  emit(topic: string, type: string, data: object): void {
    const schema = this.#schemas.get(type);
    if (schema === undefined) throw new Error(`No subscription declares the event ${type}.`);
    if (this.emitted.length >= EVENTS_PER_CALL_MAX) {
      throw new Error(`One call emits more than ${EVENTS_PER_CALL_MAX} events.`);
    }
    this.emitted.push({ topic, type, data: schema.parse(data) });
  }
}
