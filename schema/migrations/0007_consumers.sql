-- Named consumers of feeds, whose workers lease events. Nothing here is history: it says how far they have come.

SET LOCAL ROLE federwerk_owner;

CREATE TABLE delivery.consumers (
  plan_id  uuid   NOT NULL,
  log_id   text   COLLATE "C" NOT NULL,
  name     text   COLLATE "C" NOT NULL,
  next     bigint NOT NULL,
  revision bigint NOT NULL,
  PRIMARY KEY (plan_id, log_id, name),
  CONSTRAINT next_not_negative CHECK (next >= 0)
);
COMMENT ON TABLE delivery.consumers IS 'Where each named consumer of a feed stands.';
COMMENT ON COLUMN delivery.consumers.next IS 'The first event of the feed that is neither finished nor set aside.';
COMMENT ON COLUMN delivery.consumers.revision IS 'Counts changes from a random number on: a change counts only on top of the one it was made from, also when the consumer was forgotten and begun anew meanwhile.';

CREATE TABLE delivery.consumer_events (
  plan_id  uuid        NOT NULL,
  log_id   text        COLLATE "C" NOT NULL,
  name     text        COLLATE "C" NOT NULL,
  position bigint      NOT NULL,
  subject  text        COLLATE "C" NOT NULL,
  status   text        NOT NULL,
  lease_id uuid,
  worker   text,
  until    timestamptz,
  failures integer     NOT NULL,
  reason   text,
  PRIMARY KEY (plan_id, log_id, name, position),
  FOREIGN KEY (plan_id, log_id, name) REFERENCES delivery.consumers ON DELETE CASCADE,
  CONSTRAINT known_status CHECK (status IN ('leased', 'waiting', 'done'))
);
COMMENT ON TABLE delivery.consumer_events IS 'Events from next on that workers have in hand, that wait to be tried again, or that are done though an earlier one is not.';
COMMENT ON COLUMN delivery.consumer_events.until IS 'When the lease runs out, or before when it is not tried again.';

CREATE TABLE delivery.set_aside (
  plan_id      uuid        NOT NULL,
  log_id       text        COLLATE "C" NOT NULL,
  name         text        COLLATE "C" NOT NULL,
  position     bigint      NOT NULL,
  subject      text        COLLATE "C" NOT NULL,
  outcome      text        NOT NULL,
  reason       text        NOT NULL,
  set_aside_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (plan_id, log_id, name, position),
  FOREIGN KEY (plan_id, log_id, name) REFERENCES delivery.consumers ON DELETE CASCADE,
  CONSTRAINT known_outcome CHECK (outcome IN ('parked', 'skipped'))
);
CREATE INDEX parked_subjects ON delivery.set_aside (plan_id, log_id, name, subject) WHERE outcome = 'parked';
COMMENT ON TABLE delivery.set_aside IS 'Events that a consumer did not do. What follows about the subject of a parked one is parked too.';

GRANT SELECT, INSERT, UPDATE, DELETE ON delivery.consumers, delivery.consumer_events, delivery.set_aside TO federwerk_app;
GRANT SELECT ON delivery.consumers, delivery.consumer_events, delivery.set_aside TO federwerk_auditor;

RESET ROLE;
