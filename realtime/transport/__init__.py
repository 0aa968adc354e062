"""One WebSocket as bytes."""
