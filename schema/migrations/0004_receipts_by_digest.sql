-- Receipts found by a digest of 16 bytes, and an append that does only what its batch needs.
--
-- The index of the receipts is the one whose keys are random, so it is what grows dearest with the log: with actor and
-- key in it an entry took a hundred bytes, now it takes forty. Who asked and under which key was never shown to anybody.

SET LOCAL ROLE federwerk_owner;

DROP FUNCTION ledger.append_erasing_events(
  uuid, text, bigint, integer, integer, text, bytea, bytea, text, timestamptz[], text[], text[], date[], bytea[], bytea[],
  bigint[], text[], text[], text[], text[], bytea[], bytea[], bigint[], text[]);
DROP FUNCTION ledger.append_events(
  uuid, text, bigint, integer, integer, text, bytea, bytea, text, timestamptz[], text[], text[], date[], bytea[], bytea[],
  bigint[], text[], text[], text[], text[], bytea[], bytea[]);

ALTER TABLE ledger.receipts RENAME TO receipts_by_key;

CREATE TABLE ledger.receipts (
  plan_id      uuid  NOT NULL,
  id           uuid  NOT NULL,
  command_hash bytea NOT NULL,
  answer       bytea NOT NULL,
  CONSTRAINT one_receipt_per_key PRIMARY KEY (plan_id, id)
);
COMMENT ON TABLE ledger.receipts IS 'What was answered to each accepted command.';
COMMENT ON COLUMN ledger.receipts.id IS 'The first 16 bytes of SHA-256 of the actor, a zero byte, and the caller''s idempotency key.';

INSERT INTO ledger.receipts (plan_id, id, command_hash, answer)
  SELECT plan_id,
    encode(substring(sha256(convert_to(actor, 'UTF8') || '\x00'::bytea || convert_to(key, 'UTF8')) FOR 16), 'hex')::uuid,
    command_hash, answer
  FROM ledger.receipts_by_key;
DROP TABLE ledger.receipts_by_key;

CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON ledger.receipts FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger.receipts EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.receipts ENABLE ALWAYS TRIGGER no_change;
ALTER TABLE ledger.receipts ENABLE ALWAYS TRIGGER no_truncate;
GRANT SELECT ON ledger.receipts TO federwerk_app;

ALTER TABLE ledger.logs
  DROP CONSTRAINT epoch_from_one, DROP CONSTRAINT root_is_sha256, DROP CONSTRAINT frontier_of_hashes,
  DROP CONSTRAINT size_not_negative;

-- Appends one batch to one log: compare-and-set of the head, events, disclosures, receipts; one transaction and one call.
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
  p_receipt_ids uuid[], p_receipt_hashes bytea[], p_receipt_answers bytea[])
RETURNS TABLE (outcome text, size bigint, epoch integer, store_time timestamptz, receipt_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  head ledger.logs%ROWTYPE;
  slug_owner uuid;
  event_count bigint := coalesce(array_length(p_bodies, 1), 0);
BEGIN
  -- Not constraints of the table: those are parsed anew with every statement, which costs a short append a tenth.
  IF length(p_root) <> 32 OR length(p_frontier) % 32 <> 0 OR length(p_frontier) > 2048 OR p_epoch < 1 THEN
    RAISE EXCEPTION 'the new head is none' USING ERRCODE = 'FW004';
  END IF;
  IF p_slug IS NOT NULL THEN
    SELECT * INTO head FROM ledger.logs l WHERE l.plan_id = p_plan AND l.log_id = p_log;
    IF FOUND THEN
      RETURN QUERY SELECT 'conflict'::text, head.size, head.epoch, clock_timestamp(), NULL::uuid;
      RETURN;
    END IF;
    INSERT INTO ledger.plans (plan_id, slug) VALUES (p_plan, p_slug) ON CONFLICT (slug) DO NOTHING;
    SELECT p.plan_id INTO slug_owner FROM ledger.plans p WHERE p.slug = p_slug;
    IF slug_owner <> p_plan THEN
      RETURN QUERY SELECT 'slug-taken'::text, 0::bigint, 0, clock_timestamp(), NULL::uuid;
      RETURN;
    END IF;
    INSERT INTO ledger.logs (plan_id, log_id, origin, epoch, size, root, frontier)
      VALUES (p_plan, p_log, p_origin, p_expected_epoch, 0, sha256(''::bytea), ''::bytea)
      ON CONFLICT (plan_id, log_id) DO NOTHING;
  END IF;

  BEGIN
    -- Whoever comes second waits for the row of the head, finds another size, and inserts nothing.
    UPDATE ledger.logs l
      SET size = p_expected_size + event_count, epoch = p_epoch, origin = p_origin, root = p_root,
          frontier = p_frontier, last_recorded_at = coalesce(p_recorded_at[event_count], l.last_recorded_at)
      WHERE l.plan_id = p_plan AND l.log_id = p_log AND l.size = p_expected_size AND l.epoch = p_expected_epoch
        AND (event_count = 0 OR l.last_recorded_at IS NULL OR l.last_recorded_at <= p_recorded_at[1]);
    IF FOUND THEN
      INSERT INTO ledger.events
          (plan_id, log_id, position, type, subject, effective_date, recorded_at, body, leaf_hash)
        SELECT p_plan, p_log, p_expected_size + e.n - 1, e.type, e.subject, e.effective_date, e.recorded_at, e.body,
          e.leaf_hash
        FROM unnest(p_types, p_subjects, p_effective_dates, p_recorded_at, p_bodies, p_leaf_hashes) WITH ORDINALITY
          AS e (type, subject, effective_date, recorded_at, body, leaf_hash, n);
      IF p_disclosures IS NOT NULL THEN
        INSERT INTO ledger.disclosures (plan_id, log_id, position, digest, encoded)
          SELECT p_plan, p_log, d.position, d.digest, d.encoded
          FROM unnest(p_disclosure_positions, p_disclosure_digests, p_disclosures) AS d (position, digest, encoded);
      END IF;
      IF p_receipt_ids IS NOT NULL THEN
        INSERT INTO ledger.receipts (plan_id, id, command_hash, answer)
          SELECT p_plan, r.id, r.command_hash, r.answer
          FROM unnest(p_receipt_ids, p_receipt_hashes, p_receipt_answers) AS r (id, command_hash, answer);
      END IF;
      RETURN QUERY
        SELECT 'appended'::text, p_expected_size + event_count, p_epoch, clock_timestamp(), NULL::uuid;
      RETURN;
    END IF;
  EXCEPTION WHEN unique_violation THEN
    -- A key that has a receipt already: looked for only here, because that almost never is. What was written since BEGIN
    -- is undone. Any other duplicate is a damaged log.
    RETURN QUERY
      SELECT 'key-used'::text, p_expected_size, p_expected_epoch, clock_timestamp(), known.id
      FROM unnest(p_receipt_ids) AS wanted (id)
      CROSS JOIN LATERAL (
        SELECT r.id FROM ledger.receipts r WHERE r.plan_id = p_plan AND r.id = wanted.id LIMIT 1
      ) AS known;
    IF FOUND THEN RETURN; END IF;
    RAISE;
  END;

  SELECT * INTO head FROM ledger.logs l WHERE l.plan_id = p_plan AND l.log_id = p_log;
  IF FOUND AND head.size = p_expected_size AND head.epoch = p_expected_epoch THEN
    RAISE EXCEPTION 'recorded time would run backwards' USING ERRCODE = 'FW002';
  END IF;
  RETURN QUERY
    SELECT 'conflict'::text, coalesce(head.size, 0), coalesce(head.epoch, 0), clock_timestamp(), NULL::uuid;
END
$$;

-- Appends like append_events and deletes the disclosures that the events erase, also those of this very batch; one
-- transaction, so that event and deletion are both there or neither. Whoever sends the same batch again gets a conflict
-- and deletes nothing.
--
-- p_erased_positions and p_erased_fields run side by side, one element for each value. A value that is not there is no
-- error: it was never given, or was erased before.
CREATE FUNCTION ledger.append_erasing_events(
  p_plan uuid, p_log text, p_expected_size bigint, p_expected_epoch integer,
  p_epoch integer, p_origin text, p_root bytea, p_frontier bytea, p_slug text, p_recorded_at timestamptz[],
  p_types text[], p_subjects text[], p_effective_dates date[], p_bodies bytea[], p_leaf_hashes bytea[],
  p_disclosure_positions bigint[], p_disclosure_digests text[], p_disclosures text[],
  p_receipt_ids uuid[], p_receipt_hashes bytea[], p_receipt_answers bytea[],
  p_erased_positions bigint[], p_erased_fields text[])
RETURNS TABLE (outcome text, size bigint, epoch integer, store_time timestamptz, receipt_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  answer record;
  is_appended boolean := false;
BEGIN
  IF coalesce(cardinality(p_bodies), 0) = 0 THEN
    RAISE EXCEPTION 'an erasure needs an event that says so' USING ERRCODE = 'FW003';
  END IF;
  IF cardinality(p_erased_positions) <> cardinality(p_erased_fields) THEN
    RAISE EXCEPTION 'every erased value needs its position and its field' USING ERRCODE = 'FW003';
  END IF;
  FOR answer IN
    SELECT a.outcome, a.size, a.epoch, a.store_time, a.receipt_id
    FROM ledger.append_events(
      p_plan, p_log, p_expected_size, p_expected_epoch, p_epoch, p_origin, p_root, p_frontier, p_slug, p_recorded_at,
      p_types, p_subjects, p_effective_dates, p_bodies, p_leaf_hashes, p_disclosure_positions, p_disclosure_digests,
      p_disclosures, p_receipt_ids, p_receipt_hashes, p_receipt_answers) AS a
  LOOP
    is_appended := is_appended OR answer.outcome = 'appended';
    RETURN QUERY SELECT answer.outcome, answer.size, answer.epoch, answer.store_time, answer.receipt_id;
  END LOOP;
  IF is_appended THEN
    DELETE FROM ledger.disclosures d
      USING unnest(p_erased_positions, p_erased_fields) AS erased (position, field)
      WHERE d.plan_id = p_plan AND d.log_id = p_log AND d.position = erased.position
        AND ledger.disclosed_field(d.encoded) = erased.field;
  END IF;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.append_events(
  uuid, text, bigint, integer, integer, text, bytea, bytea, text, timestamptz[], text[], text[], date[], bytea[], bytea[],
  bigint[], text[], text[], uuid[], bytea[], bytea[]) TO federwerk_app;
GRANT EXECUTE ON FUNCTION ledger.append_erasing_events(
  uuid, text, bigint, integer, integer, text, bytea, bytea, text, timestamptz[], text[], text[], date[], bytea[], bytea[],
  bigint[], text[], text[], uuid[], bytea[], bytea[], bigint[], text[]) TO federwerk_app;

RESET ROLE;
