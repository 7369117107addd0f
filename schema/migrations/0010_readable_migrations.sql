-- The service compares what the database has had with what it knows, before it serves.

GRANT SELECT ON public.federwerk_migrations TO federwerk_app;
