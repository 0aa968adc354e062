// Redis pub/sub to WebSockets with Bun, whose server is uWebSockets: every client subscribes to one topic.
import { RedisClient } from "bun";

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT),
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response("no socket", { status: 426 })),
  websocket: {
    perMessageDeflate: false,
    open: (client) => client.subscribe("broadcast"),
    message: () => {},
  },
});

const redis = new RedisClient(process.env.REDIS_URL);
await redis.connect();
await redis.subscribe("broadcast", (message) => server.publish("broadcast", message));
console.log("ready");
