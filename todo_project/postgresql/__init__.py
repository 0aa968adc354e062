"""Django's PostgreSQL backend with a pool that survives a failover: the engine of DATABASE_URL=postgres://..."""
