-- The ledger: logs, events, disclosures, receipts and checkpoints of all plans.
--
-- plan_id leads every key and no foreign key crosses plans, so the tables can be distributed by plan. Text in keys
-- is compared by its bytes, whatever the database's language.
-- Who may do what:
--   federwerk_owner    owns everything, nobody logs in as it
--   federwerk_app      executes the append and selects; cannot write a single row itself
--   federwerk_auditor  selects everything
--   federwerk_reader   selects the read.* tables of a later migration
-- Grants are the first guard, triggers the second; the Merkle log detects what a superuser does.

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['federwerk_owner', 'federwerk_app', 'federwerk_auditor', 'federwerk_reader'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', name);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;  -- Roles belong to the whole server; another database of it has them already.
    END;
  END LOOP;
END
$$;

-- Since PostgreSQL 16 whoever creates a role is a member of it that may not become it.
DO $$
DECLARE
  privilege text := CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END;
BEGIN
  IF NOT pg_has_role(current_user, 'federwerk_owner', privilege) THEN
    EXECUTE format('GRANT federwerk_owner TO %I', current_user);
  END IF;
END
$$;

CREATE SCHEMA ledger AUTHORIZATION federwerk_owner;
SET LOCAL ROLE federwerk_owner;

CREATE TABLE ledger.plans (
  plan_id uuid NOT NULL,
  slug    text COLLATE "C" NOT NULL PRIMARY KEY,
  CONSTRAINT slug_form CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 80)
);

CREATE TABLE ledger.logs (
  plan_id          uuid    NOT NULL,
  log_id           text    COLLATE "C" NOT NULL,
  kind             text    NOT NULL DEFAULT 'plan',
  origin           text    NOT NULL,
  epoch            integer NOT NULL,
  size             bigint  NOT NULL,
  root             bytea   NOT NULL,
  frontier         bytea   NOT NULL,
  last_recorded_at timestamptz,
  PRIMARY KEY (plan_id, log_id),
  CONSTRAINT epoch_from_one CHECK (epoch >= 1),
  CONSTRAINT size_not_negative CHECK (size >= 0),
  CONSTRAINT root_is_sha256 CHECK (length(root) = 32),
  CONSTRAINT frontier_of_hashes CHECK (length(frontier) % 32 = 0 AND length(frontier) <= 2048)
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000);
COMMENT ON TABLE ledger.logs IS 'The head of each log. Only append_events moves it; every move is one compare-and-set.';

CREATE TABLE ledger.events (
  plan_id        uuid        NOT NULL,
  log_id         text        COLLATE "C" NOT NULL,
  position       bigint      NOT NULL,
  type           text        COLLATE "C" NOT NULL,
  subject        text        COLLATE "C" NOT NULL,
  effective_date date        NOT NULL,
  recorded_at    timestamptz NOT NULL,
  body           bytea       NOT NULL,
  leaf_hash      bytea       NOT NULL,
  PRIMARY KEY (plan_id, log_id, position),
  CONSTRAINT position_not_negative CHECK (position >= 0),
  CONSTRAINT body_fits_an_entry CHECK (length(body) BETWEEN 1 AND 65535),
  CONSTRAINT leaf_hash_of_body CHECK (leaf_hash = sha256('\x00'::bytea || body))
);
-- No index by type: there are few types and many events of each, so reading by type follows the positions; an index
-- would cost every append a tenth of its time.
-- The bytes are stored as they are: compressing them would only cost time at this size.
ALTER TABLE ledger.events ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX events_by_subject ON ledger.events (plan_id, log_id, subject, position);
COMMENT ON COLUMN ledger.events.body IS 'The event: canonical JSON (RFC 8785) of a CloudEvent. The other columns repeat parts of it for searching.';
COMMENT ON COLUMN ledger.events.leaf_hash IS 'RFC 6962 leaf hash: SHA-256 of a zero byte and the body.';

CREATE TABLE ledger.disclosures (
  plan_id  uuid   NOT NULL,
  log_id   text   COLLATE "C" NOT NULL,
  position bigint NOT NULL,
  digest   text   COLLATE "C" NOT NULL,
  encoded  text   NOT NULL,
  PRIMARY KEY (plan_id, log_id, position, digest)
);
COMMENT ON TABLE ledger.disclosures IS 'Erasable values: SD-JWT disclosures whose digests stand in the events. Deleting a row erases; no proof breaks.';

CREATE TABLE ledger.receipts (
  plan_id      uuid  NOT NULL,
  actor        text  COLLATE "C" NOT NULL,
  key          text  COLLATE "C" NOT NULL,
  command_hash bytea NOT NULL,
  answer       bytea NOT NULL,
  -- The key first: it tells at once, while an actor has many.
  PRIMARY KEY (plan_id, key, actor)
);
COMMENT ON TABLE ledger.receipts IS 'What was answered to each accepted command, under the caller''s idempotency key.';

CREATE TABLE ledger.checkpoints (
  plan_id      uuid        NOT NULL,
  log_id       text        COLLATE "C" NOT NULL,
  epoch        integer     NOT NULL,
  size         bigint      NOT NULL,
  root         bytea       NOT NULL,
  note         text        NOT NULL,
  published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (plan_id, log_id, epoch, size)
);
COMMENT ON TABLE ledger.checkpoints IS 'Signed checkpoints (C2SP): one root per log, epoch and size, for ever.';

CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION '% on %.% is refused: the ledger only grows', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'FW001';
END
$$;

CREATE FUNCTION ledger.refuse_shrinking_head() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION 'the head of a log never moves back' USING ERRCODE = 'FW001';
END
$$;

CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON ledger.events FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger.events EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON ledger.receipts FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger.receipts EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON ledger.checkpoints FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger.checkpoints EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER no_change BEFORE UPDATE ON ledger.disclosures FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger.disclosures EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON ledger.plans FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger.plans EXECUTE FUNCTION ledger.refuse_change();
-- The condition is judged without calling the function, which every append would pay for.
CREATE TRIGGER only_forward BEFORE UPDATE ON ledger.logs FOR EACH ROW
  WHEN (NEW.size < OLD.size OR NEW.epoch < OLD.epoch OR NEW.plan_id <> OLD.plan_id OR NEW.log_id <> OLD.log_id)
  EXECUTE FUNCTION ledger.refuse_shrinking_head();
CREATE TRIGGER no_delete BEFORE DELETE ON ledger.logs FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger.logs EXECUTE FUNCTION ledger.refuse_change();

-- ALWAYS: also under session_replication_role = replica.
ALTER TABLE ledger.events ENABLE ALWAYS TRIGGER no_change;
ALTER TABLE ledger.events ENABLE ALWAYS TRIGGER no_truncate;
ALTER TABLE ledger.receipts ENABLE ALWAYS TRIGGER no_change;
ALTER TABLE ledger.receipts ENABLE ALWAYS TRIGGER no_truncate;
ALTER TABLE ledger.checkpoints ENABLE ALWAYS TRIGGER no_change;
ALTER TABLE ledger.checkpoints ENABLE ALWAYS TRIGGER no_truncate;
ALTER TABLE ledger.disclosures ENABLE ALWAYS TRIGGER no_change;
ALTER TABLE ledger.disclosures ENABLE ALWAYS TRIGGER no_truncate;
ALTER TABLE ledger.plans ENABLE ALWAYS TRIGGER no_change;
ALTER TABLE ledger.plans ENABLE ALWAYS TRIGGER no_truncate;
ALTER TABLE ledger.logs ENABLE ALWAYS TRIGGER only_forward;
ALTER TABLE ledger.logs ENABLE ALWAYS TRIGGER no_delete;
ALTER TABLE ledger.logs ENABLE ALWAYS TRIGGER no_truncate;

-- Appends one batch to one log: compare-and-set of the head, events, disclosures, receipts; one transaction, one call,
-- and one statement unless something is in the way.
--
-- Outcomes come back as rows:
--   appended    committed when the transaction commits; store_time is this server's clock
--   conflict    the head is not the expected one (size and epoch say what it is); nothing written
--   key-used    one row for each key that already has a receipt; nothing written
--   slug-taken  the slug of the plan to create belongs to another plan; nothing written
-- p_slug is given by the append that creates the plan, and only by it.
-- The plans of its statements are cached for as long as a connection lives, often from a time when the tables were
-- empty; without sequential scans they stay right when the tables have grown.
CREATE FUNCTION ledger.append_events(
  p_plan uuid, p_log text, p_expected_size bigint, p_expected_epoch integer,
  p_epoch integer, p_origin text, p_root bytea, p_frontier bytea, p_slug text, p_recorded_at timestamptz[],
  p_types text[], p_subjects text[], p_effective_dates date[], p_bodies bytea[], p_leaf_hashes bytea[],
  p_disclosure_positions bigint[], p_disclosure_digests text[], p_disclosures text[],
  p_receipt_actors text[], p_receipt_keys text[], p_receipt_hashes bytea[], p_receipt_answers bytea[])
RETURNS TABLE (outcome text, size bigint, epoch integer, store_time timestamptz, actor text, key text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  head ledger.logs%ROWTYPE;
  slug_owner uuid;
  event_count bigint := coalesce(array_length(p_bodies, 1), 0);
BEGIN
  IF p_slug IS NOT NULL THEN
    SELECT * INTO head FROM ledger.logs l WHERE l.plan_id = p_plan AND l.log_id = p_log;
    IF FOUND THEN
      RETURN QUERY SELECT 'conflict'::text, head.size, head.epoch, clock_timestamp(), NULL::text, NULL::text;
      RETURN;
    END IF;
    INSERT INTO ledger.plans (plan_id, slug) VALUES (p_plan, p_slug) ON CONFLICT (slug) DO NOTHING;
    SELECT p.plan_id INTO slug_owner FROM ledger.plans p WHERE p.slug = p_slug;
    IF slug_owner <> p_plan THEN
      RETURN QUERY SELECT 'slug-taken'::text, 0::bigint, 0, clock_timestamp(), NULL::text, NULL::text;
      RETURN;
    END IF;
    INSERT INTO ledger.logs (plan_id, log_id, origin, epoch, size, root, frontier)
      VALUES (p_plan, p_log, p_origin, p_expected_epoch, 0, sha256(''::bytea), ''::bytea)
      ON CONFLICT (plan_id, log_id) DO NOTHING;
  END IF;

  BEGIN
    -- Whoever comes second waits for the row of the head, finds another size, and inserts nothing.
    WITH moved AS (
      UPDATE ledger.logs l
      SET size = p_expected_size + event_count, epoch = p_epoch, origin = p_origin, root = p_root,
          frontier = p_frontier, last_recorded_at = coalesce(p_recorded_at[event_count], l.last_recorded_at)
      WHERE l.plan_id = p_plan AND l.log_id = p_log AND l.size = p_expected_size AND l.epoch = p_expected_epoch
        AND (event_count = 0 OR l.last_recorded_at IS NULL OR l.last_recorded_at <= p_recorded_at[1])
      RETURNING l.plan_id
    ), appended AS (
      INSERT INTO ledger.events
          (plan_id, log_id, position, type, subject, effective_date, recorded_at, body, leaf_hash)
        SELECT m.plan_id, p_log, p_expected_size + e.n - 1, e.type, e.subject, e.effective_date, e.recorded_at, e.body,
          e.leaf_hash
        FROM moved m CROSS JOIN unnest(
            p_types, p_subjects, p_effective_dates, p_recorded_at, p_bodies, p_leaf_hashes) WITH ORDINALITY
          AS e (type, subject, effective_date, recorded_at, body, leaf_hash, n)
    ), disclosed AS (
      INSERT INTO ledger.disclosures (plan_id, log_id, position, digest, encoded)
        SELECT m.plan_id, p_log, d.position, d.digest, d.encoded
        FROM moved m CROSS JOIN unnest(p_disclosure_positions, p_disclosure_digests, p_disclosures)
          AS d (position, digest, encoded)
    ), answered AS (
      INSERT INTO ledger.receipts (plan_id, actor, key, command_hash, answer)
        SELECT m.plan_id, r.actor, r.key, r.command_hash, r.answer
        FROM moved m CROSS JOIN unnest(p_receipt_actors, p_receipt_keys, p_receipt_hashes, p_receipt_answers)
          AS r (actor, key, command_hash, answer)
    )
    SELECT m.plan_id INTO head.plan_id FROM moved m;
    IF FOUND THEN
      RETURN QUERY
        SELECT 'appended'::text, p_expected_size + event_count, p_epoch, clock_timestamp(), NULL::text, NULL::text;
      RETURN;
    END IF;
  EXCEPTION WHEN unique_violation THEN
    -- A key that has a receipt already: looked for only here, because that almost never is. What was written since BEGIN
    -- is undone. Any other duplicate is a damaged log.
    RETURN QUERY
      SELECT 'key-used'::text, p_expected_size, p_expected_epoch, clock_timestamp(), r.actor, r.key
      FROM unnest(p_receipt_actors, p_receipt_keys) AS wanted (actor, key)
      CROSS JOIN LATERAL (
        SELECT known.actor, known.key FROM ledger.receipts known
        WHERE known.plan_id = p_plan AND known.actor = wanted.actor AND known.key = wanted.key LIMIT 1
      ) AS r;
    IF FOUND THEN RETURN; END IF;
    RAISE;
  END;

  SELECT * INTO head FROM ledger.logs l WHERE l.plan_id = p_plan AND l.log_id = p_log;
  IF FOUND AND head.size = p_expected_size AND head.epoch = p_expected_epoch THEN
    RAISE EXCEPTION 'recorded time would run backwards' USING ERRCODE = 'FW002';
  END IF;
  RETURN QUERY
    SELECT 'conflict'::text, coalesce(head.size, 0), coalesce(head.epoch, 0), clock_timestamp(), NULL::text, NULL::text;
END
$$;

-- Keeps a checkpoint of a committed head. True when it is the published one for its size; false when another root
-- already is, or the head is behind it or of another epoch.
CREATE FUNCTION ledger.publish_checkpoint(
  p_plan uuid, p_log text, p_epoch integer, p_size bigint, p_root bytea, p_note text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  published bytea;
BEGIN
  PERFORM 1 FROM ledger.logs l
    WHERE l.plan_id = p_plan AND l.log_id = p_log AND l.epoch = p_epoch AND l.size >= p_size
      AND (l.size > p_size OR l.root = p_root);
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO ledger.checkpoints (plan_id, log_id, epoch, size, root, note)
    VALUES (p_plan, p_log, p_epoch, p_size, p_root, p_note)
    ON CONFLICT DO NOTHING;
  SELECT c.root INTO published FROM ledger.checkpoints c
    WHERE c.plan_id = p_plan AND c.log_id = p_log AND c.epoch = p_epoch AND c.size = p_size;
  RETURN published = p_root;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
GRANT USAGE ON SCHEMA ledger TO federwerk_app, federwerk_auditor;
GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO federwerk_app;
GRANT SELECT ON ledger.plans, ledger.logs, ledger.events, ledger.disclosures, ledger.checkpoints TO federwerk_auditor;
GRANT EXECUTE ON FUNCTION ledger.append_events(
  uuid, text, bigint, integer, integer, text, bytea, bytea, text, timestamptz[], text[], text[], date[], bytea[], bytea[],
  bigint[], text[], text[], text[], text[], bytea[], bytea[]) TO federwerk_app;
GRANT EXECUTE ON FUNCTION ledger.publish_checkpoint(uuid, text, integer, bigint, bytea, text) TO federwerk_app;

RESET ROLE;
