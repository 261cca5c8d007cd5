import type { Channel, ConsumeMessage } from "amqplib";
import type { RabbitConnection } from "./connect.ts";

/** The last message of a stream. Undefined if the stream is empty. */
export function lastOf(connection: RabbitConnection, stream: string): Promise<ConsumeMessage | undefined> {
  return look(connection, stream, "last");
}

/** The message at an offset. Undefined if the stream does not have it any more. */
export async function messageAt(
  connection: RabbitConnection,
  stream: string,
  offset: number,
): Promise<ConsumeMessage | undefined> {
  const last = await look(connection, stream, offset, (message) => offsetOf(message) >= offset);
  return last && offsetOf(last) === offset ? last : undefined;
}

export function offsetOf({ properties }: ConsumeMessage): number {
  return Number(properties.headers?.["x-stream-offset"]);
}

/**
 * RabbitMQ gives the chunk of messages in which an offset is, and does not say where the chunk ends. So this waits until no more
 * come for a moment.
 */
async function look(
  connection: RabbitConnection,
  stream: string,
  offset: "last" | number,
  isFound: (message: ConsumeMessage) => boolean = () => false,
): Promise<ConsumeMessage | undefined> {
  const channel = await connection.channel();
  try {
    return await connection.wait(
      lookIn(channel, stream, offset, isFound),
      `the stream ${stream} of RabbitMQ`,
    );
  } finally {
    void channel.close().catch(() => {}); // or the connection was lost
  }
}

async function lookIn(
  channel: Channel,
  stream: string,
  offset: "last" | number,
  isFound: (message: ConsumeMessage) => boolean,
): Promise<ConsumeMessage | undefined> {
  await channel.prefetch(5_000);
  return new Promise((resolve, reject) => {
    let last: ConsumeMessage | undefined;
    let timer: NodeJS.Timeout | undefined;
    const waitFor = (milliseconds: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => resolve(last), milliseconds);
    };
    const onMessage = (message: ConsumeMessage | null) => {
      if (!message || (last && isFound(last))) return;
      last = message;
      waitFor(isFound(message) ? 0 : 20);
    };
    waitFor(500);
    channel.consume(stream, onMessage, { arguments: { "x-stream-offset": offset } }).catch(reject);
  });
}
