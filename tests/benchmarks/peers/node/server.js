// Redis pub/sub to WebSockets with ws and ioredis: the broadcast of the documentation of ws.
const { default: Redis } = require("ioredis");
const WebSocket = require("ws");

const server = new WebSocket.Server({
  host: "127.0.0.1",
  port: Number(process.env.PORT),
  perMessageDeflate: false,
  backlog: 1024,
});
const redis = new Redis(process.env.REDIS_URL);

server.on("connection", (client) => client.on("error", console.error));

redis.on("message", (channel, message) => {
  for (const client of server.clients) {
    if (client.readyState === WebSocket.OPEN) {
      client.send(message);
    }
  }
});

redis.subscribe("broadcast").then(() => console.log("ready"));
