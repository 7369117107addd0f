-- How far the deliveries of webhooks have come. Nothing here is history: whoever replays begins again, and old attempts are
-- removed. The addresses themselves are events of the plan's log, and secrets are nowhere in the database.

CREATE SCHEMA delivery AUTHORIZATION federwerk_owner;
SET LOCAL ROLE federwerk_owner;

CREATE TABLE delivery.webhooks (
  plan_id    uuid        NOT NULL,
  webhook_id uuid        NOT NULL,
  next       bigint      NOT NULL DEFAULT 0,
  status     text        NOT NULL DEFAULT 'active',
  failures   integer     NOT NULL DEFAULT 0,
  not_before timestamptz,
  reason     text,
  revision   integer     NOT NULL DEFAULT 0,
  PRIMARY KEY (plan_id, webhook_id),
  CONSTRAINT known_status CHECK (status IN ('active', 'parked', 'disabled')),
  CONSTRAINT next_not_negative CHECK (next >= 0)
);
COMMENT ON TABLE delivery.webhooks IS 'Where the deliveries of each webhook stand. The worker moves it; a replay sets it back and raises the revision, so that what was under way does not count.';
COMMENT ON COLUMN delivery.webhooks.next IS 'The first event of the feed that is neither delivered nor set aside.';

CREATE TABLE delivery.parked (
  plan_id    uuid        NOT NULL,
  webhook_id uuid        NOT NULL,
  position   bigint      NOT NULL,
  subject    text        COLLATE "C" NOT NULL,
  reason     text        NOT NULL,
  parked_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (plan_id, webhook_id, position)
);
COMMENT ON TABLE delivery.parked IS 'Events that a receiver rejected, and those after them about the same subject: none overtakes another.';

CREATE TABLE delivery.attempts (
  plan_id      uuid        NOT NULL,
  webhook_id   uuid        NOT NULL,
  number       bigint      GENERATED ALWAYS AS IDENTITY,
  position     bigint      NOT NULL,
  attempted_at timestamptz NOT NULL,
  milliseconds integer     NOT NULL,
  outcome      text        NOT NULL,
  status       integer,
  PRIMARY KEY (plan_id, webhook_id, number)
);
COMMENT ON TABLE delivery.attempts IS 'The newest attempts of each webhook, for both sides to look up.';

GRANT USAGE ON SCHEMA delivery TO federwerk_app, federwerk_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA delivery TO federwerk_app;
GRANT SELECT ON ALL TABLES IN SCHEMA delivery TO federwerk_auditor;

RESET ROLE;
