import { type Channel, contradictionInChannel } from "./channel.ts";
import type { AnyErrorDefinition } from "./errors.ts";
import type { StreamEvent } from "./event-log.ts";
import { isWriting, type Method } from "./method.ts";
import type { Module } from "./module.ts";
import { contradictionIn, type RestRoute, restPaths } from "./rest.ts";
import type { ObjectSchema } from "./schema.ts";
import { endingName, type Subscription } from "./subscription.ts";
import type { Urgency } from "./urgency.ts";

const WIRE_NAME = /^[a-z]+\.[a-z][A-Za-z]*$/;

/** A route, and where. */
export interface ServedPath {
  readonly module: Module;
  readonly route: RestRoute;
  readonly path: string;
}

/** Everything there is, by wire name. Building it fails on what contradicts itself. */
export class Registry {
  readonly modules: readonly Module[];
  readonly methods: ReadonlyMap<string, Method>;
  readonly subscriptions: ReadonlyMap<string, Subscription>;
  /** Wire names that end a subscription, with the subscription's name. */
  readonly endings: ReadonlyMap<string, string>;
  readonly eventSchemas: ReadonlyMap<string, ObjectSchema>;
  /** Who goes first when there is much to do, by wire name. */
  readonly urgencies: ReadonlyMap<string, Urgency>;

  constructor(modules: readonly Module[]) {
    this.modules = modules;
    const names = new Set<string>();
    const take = (module: Module, key: string, name: string) => {
      if (!WIRE_NAME.test(name)) throw new Error(`${name} is not a wire name.`);
      if (name !== `${module.name}.${key}`) throw new Error(`${name} is filed as ${key}.`);
      if (names.has(name)) throw new Error(`${name} is defined twice.`);
      names.add(name);
    };
    const methods = new Map<string, Method>();
    const subscriptions = new Map<string, Subscription>();
    const endings = new Map<string, string>();
    const eventSchemas = new Map<string, ObjectSchema>();
    const urgencies = new Map<string, Urgency>();
    for (const module of modules) {
      for (const [key, method] of Object.entries(module.methods)) {
        take(module, key, method.name);
        methods.set(method.name, method);
        urgencies.set(method.name, module.urgency ?? urgencyOf(method));
      }
      for (const [key, subscription] of Object.entries(module.subscriptions)) {
        take(module, key, subscription.name);
        subscriptions.set(subscription.name, subscription);
        urgencies.set(subscription.name, module.urgency ?? "read");
        endings.set(endingName(subscription.name), subscription.name);
        addEvents(eventSchemas, subscription.events);
        addEvents(eventSchemas, subscription.signals ?? {});
      }
      addEvents(eventSchemas, module.internalEvents ?? {});
    }
    this.methods = methods;
    this.subscriptions = subscriptions;
    this.endings = endings;
    this.eventSchemas = eventSchemas;
    this.urgencies = urgencies;
    for (const { route } of this.routes()) {
      const method = methods.get(route.method);
      if (method === undefined) throw new Error(`${route.path} leads to no method.`);
      const contradiction = contradictionIn(route, method);
      if (contradiction !== undefined) throw new Error(`${route.path}: ${contradiction}`);
    }
    for (const { module, channel } of this.channels()) {
      const contradiction = contradictionInChannel(channel, this);
      const where = `${module.name}, ${channel.topic}`;
      if (contradiction !== undefined) throw new Error(`${where}: ${contradiction}`);
      const same = module.channels?.filter(({ topic }) => topic === channel.topic) ?? [];
      if (same.length > 1) throw new Error(`${where} is there twice.`);
    }
  }

  /** Passes an event on to the modules that listen. */
  heard(event: StreamEvent): void {
    for (const module of this.modules) module.heard?.(event);
  }

  /** The REST routes with the module they belong to. */
  *routes(): Generator<{ module: Module; route: RestRoute }> {
    for (const module of this.modules) {
      for (const route of module.rest) yield { module, route };
    }
  }

  /** The kinds of channel with the module they belong to. */
  *channels(): Generator<{ module: Module; channel: Channel }> {
    for (const module of this.modules) {
      for (const channel of module.channels ?? []) yield { module, channel };
    }
  }

  /**
   * Every path that is served, with its route. A module that runs alone is at the root as well, and
   * its document's paths come first there: `/auth/login` is then the document's and not ours.
   *
   * @param only the module that runs alone
   */
  paths(only?: string): ServedPath[] {
    const served = new Map<string, ServedPath>();
    for (const { module, route } of this.routes()) {
      for (const path of restPaths(module.name, route, only)) {
        const key = `${route.verb} ${path.replaceAll(/:\w+/g, ":")}`;
        const other = served.get(key);
        if (other !== undefined && (module.name === only) === (other.module.name === only)) {
          throw new Error(`${route.verb} ${path} leads to two methods.`);
        }
        if (other === undefined || module.name === only) served.set(key, { module, route, path });
      }
    }
    return [...served.values()];
  }

  /** Every error an operation of these modules may end with, by code. */
  errors(): Map<string, AnyErrorDefinition> {
    const errors = new Map<string, AnyErrorDefinition>();
    for (const operation of [...this.methods.values(), ...this.subscriptions.values()]) {
      for (const error of operation.errors) {
        const known = errors.get(error.code);
        if (known !== undefined && known !== error) {
          throw new Error(`Two errors have the code ${error.code}.`);
        }
        errors.set(error.code, error);
      }
    }
    return errors;
  }
}

function urgencyOf(method: Method): Urgency {
  return method.urgency ?? (isWriting(method) ? "write" : "read");
}

function addEvents(
  into: Map<string, ObjectSchema>,
  events: Readonly<Record<string, ObjectSchema>>,
) {
  for (const [type, schema] of Object.entries(events)) {
    const known = into.get(type);
    if (known !== undefined && known !== schema) throw new Error(`Two events are named ${type}.`);
    into.set(type, schema);
  }
}
