import { column, nullable, on, Projector, table } from "#sequent";
import { CommandService, keepUp, PostgresEventStore, type ProjectorClass } from "#sequent/operations";
import type { Database } from "../../src/database/database.ts";
import {
  OrderAddressChanged,
  OrderNoteChanged,
  OrderPlaced,
  OrderShipped,
} from "../fixtures/shop/order/events.ts";
import { commandHandlers, eventTypes } from "../fixtures/shop/shop.ts";
import { CustomerProjector } from "../fixtures/shop/views/customer-projector.ts";
import { orderRecords } from "../fixtures/shop/views/order-record.ts";
import { OrderRevisionProjector } from "../fixtures/shop/views/order-revision-projector.ts";

/** A build of the shop, as a process of its own would run it. */
export class Build {
  readonly projectors: readonly ProjectorClass[];
  readonly eventStore: PostgresEventStore;
  readonly commandService: CommandService;
  readonly #stop: () => Promise<void>;
  /** Errors while it projected events that others deferred. */
  readonly errors: unknown[] = [];

  constructor({ write }: Database, projectors: readonly ProjectorClass[], everyMs = 50) {
    this.projectors = projectors;
    this.eventStore = new PostgresEventStore(write, eventTypes);
    this.commandService = new CommandService({ eventStore: this.eventStore, commandHandlers, projectors });
    const onError = (error: unknown) => this.errors.push(error);
    this.#stop = keepUp({ eventStore: this.eventStore, projectors, everyMs, onError });
  }

  stop(): Promise<void> {
    return this.#stop();
  }
}

/**
 * The projectors of a build whose view of orders has a column that no other version can fill, so rows of other versions are
 * visible. One of its handlers reads a row, so that units also open transactions.
 */
export function projectorsOf(version: number): ProjectorClass[] {
  const ownColumn = `made_by_${version}`;
  const records = table("order_records", {
    primaryKey: ["aggregate_id"],
    columns: { ...orderRecords.columns, [ownColumn]: column.text, seen: nullable(column.text) },
  });

  class OrderProjector extends Projector("OrderProjector", { version, tables: [records] }) {
    readonly handlers = [
      on(OrderPlaced, ({ aggregateId, sequenceNumber, createdAt }) =>
        this.create(records, {
          aggregate_id: aggregateId,
          address: "",
          note: "",
          version: sequenceNumber,
          created_at: createdAt,
          updated_at: createdAt,
          [ownColumn]: "added",
        }),
      ),
      on(OrderAddressChanged, ({ aggregateId, address, sequenceNumber }) =>
        this.update(records, { aggregate_id: aggregateId }, { address, version: sequenceNumber }),
      ),
      on(OrderNoteChanged, ({ aggregateId, note, sequenceNumber }) =>
        this.update(
          records,
          { aggregate_id: aggregateId },
          { note, version: sequenceNumber, [ownColumn]: "edited" },
        ),
      ),
      on(OrderShipped, async ({ aggregateId, shippingDate, createdAt, sequenceNumber }) => {
        const order = await this.find(records, { aggregate_id: aggregateId });
        this.update(
          records,
          { aggregate_id: aggregateId },
          {
            shipping_date: shippingDate,
            shipped_at: createdAt,
            version: sequenceNumber,
            seen: `${order?.address} ${order?.version}`,
          },
        );
      }),
    ];
  }
  return [CustomerProjector, OrderProjector, OrderRevisionProjector];
}

const addressRecords = table("address_records", {
  columns: { aggregate_id: column.uuid, addresses: column.text },
  primaryKey: ["aggregate_id"],
});

/** A projector that older builds do not have at all. */
export class AddressProjector extends Projector("AddressProjector", {
  version: 1,
  tables: [addressRecords],
}) {
  readonly handlers = [
    on(OrderAddressChanged, async ({ aggregateId, address }) => {
      const before = await this.find(addressRecords, { aggregate_id: aggregateId });
      const addresses = before ? `${before.addresses}, ${address}` : address;
      this.createOrUpdate(addressRecords, { aggregate_id: aggregateId, addresses });
    }),
  ];
}
