-- Erasing what can be erased: an event says which values are to be no more, and they go in the transaction that appends
-- it.
--
-- federwerk_app still may not delete a row itself. Appends that erase nothing go through append_events as before.
-- A deleted row is unreadable at once; its bytes leave the table's files with the next VACUUM, and older backups and
-- archived WAL when their time is up.

SET LOCAL ROLE federwerk_owner;

-- The field that a disclosure is of: the second part of the JSON array that it encodes as base64url (RFC 9901).
CREATE FUNCTION ledger.disclosed_field(p_encoded text)
RETURNS text LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
  SELECT convert_from(
    decode(rpad(translate(p_encoded, '-_', '+/'), (length(p_encoded) + 3) / 4 * 4, '='), 'base64'), 'UTF8')::json ->> 1
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
  p_receipt_actors text[], p_receipt_keys text[], p_receipt_hashes bytea[], p_receipt_answers bytea[],
  p_erased_positions bigint[], p_erased_fields text[])
RETURNS TABLE (outcome text, size bigint, epoch integer, store_time timestamptz, actor text, key text)
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
    SELECT a.outcome, a.size, a.epoch, a.store_time, a.actor, a.key
    FROM ledger.append_events(
      p_plan, p_log, p_expected_size, p_expected_epoch, p_epoch, p_origin, p_root, p_frontier, p_slug, p_recorded_at,
      p_types, p_subjects, p_effective_dates, p_bodies, p_leaf_hashes, p_disclosure_positions, p_disclosure_digests,
      p_disclosures, p_receipt_actors, p_receipt_keys, p_receipt_hashes, p_receipt_answers) AS a
  LOOP
    is_appended := is_appended OR answer.outcome = 'appended';
    RETURN QUERY SELECT answer.outcome, answer.size, answer.epoch, answer.store_time, answer.actor, answer.key;
  END LOOP;
  IF is_appended THEN
    DELETE FROM ledger.disclosures d
      USING unnest(p_erased_positions, p_erased_fields) AS erased (position, field)
      WHERE d.plan_id = p_plan AND d.log_id = p_log AND d.position = erased.position
        AND ledger.disclosed_field(d.encoded) = erased.field;
  END IF;
END
$$;

REVOKE ALL ON FUNCTION ledger.disclosed_field(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION ledger.append_erasing_events(
  uuid, text, bigint, integer, integer, text, bytea, bytea, text, timestamptz[], text[], text[], date[], bytea[], bytea[],
  bigint[], text[], text[], text[], text[], bytea[], bytea[], bigint[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.append_erasing_events(
  uuid, text, bigint, integer, integer, text, bytea, bytea, text, timestamptz[], text[], text[], date[], bytea[], bytea[],
  bigint[], text[], text[], text[], text[], bytea[], bytea[], bigint[], text[]) TO federwerk_app;

RESET ROLE;
