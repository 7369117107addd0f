-- Hash tiles of the Merkle tree (C2SP tlog-tiles), so that a proof reads a few rows and not the log.
--
-- A tile holds the 256 hashes of one stretch of one level. Only full tiles are stored: they never change, and what a
-- partial tile holds is read from the leaves or from the roots of the tiles below. Tiles follow from the events; whoever
-- makes a proof of them checks it against the head before it leaves the house, so a wrong tile shows at once.

SET LOCAL ROLE federwerk_owner;

CREATE TABLE ledger.tiles (
  plan_id uuid     NOT NULL,
  log_id  text     COLLATE "C" NOT NULL,
  level   smallint NOT NULL,
  index   bigint   NOT NULL,
  hashes  bytea    NOT NULL,
  root    bytea    NOT NULL,
  PRIMARY KEY (plan_id, log_id, level, index),
  CONSTRAINT level_of_a_tree CHECK (level BETWEEN 0 AND 7),
  CONSTRAINT index_not_negative CHECK (index >= 0),
  CONSTRAINT hashes_of_a_full_tile CHECK (length(hashes) = 8192),
  CONSTRAINT root_is_sha256 CHECK (length(root) = 32)
);
-- Hashes cannot be compressed, so nobody shall try.
ALTER TABLE ledger.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;
COMMENT ON TABLE ledger.tiles IS 'Full hash tiles of the logs (C2SP tlog-tiles). They follow from the events and can be made again.';
COMMENT ON COLUMN ledger.tiles.level IS 'Of the tile: its hashes are those of subtrees of 256^level leaves.';
COMMENT ON COLUMN ledger.tiles.root IS 'The hash of the subtree of 256^(level+1) leaves that the tile covers: one hash of the tile above.';

CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON ledger.tiles FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger.tiles EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.tiles ENABLE ALWAYS TRIGGER no_change;
ALTER TABLE ledger.tiles ENABLE ALWAYS TRIGGER no_truncate;

-- Keeps full tiles, the lower ones first. Those that are there already stay. A tile whose hashes are not those of the
-- leaves or tiles below it is refused.
CREATE FUNCTION ledger.store_tiles(
  p_plan uuid, p_log text, p_levels smallint[], p_indices bigint[], p_hashes bytea[], p_roots bytea[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
DECLARE
  tile record;
  below bytea;
BEGIN
  FOR tile IN
    SELECT t.level, t.index, t.hashes, t.root
    FROM unnest(p_levels, p_indices, p_hashes, p_roots) WITH ORDINALITY AS t (level, index, hashes, root, n) ORDER BY t.n
  LOOP
    IF tile.level = 0 THEN
      SELECT string_agg(e.leaf_hash, ''::bytea ORDER BY e.position) INTO below FROM ledger.events e
        WHERE e.plan_id = p_plan AND e.log_id = p_log
          AND e.position >= tile.index * 256 AND e.position < (tile.index + 1) * 256;
    ELSE
      SELECT string_agg(t.root, ''::bytea ORDER BY t.index) INTO below FROM ledger.tiles t
        WHERE t.plan_id = p_plan AND t.log_id = p_log AND t.level = tile.level - 1
          AND t.index >= tile.index * 256 AND t.index < (tile.index + 1) * 256;
    END IF;
    IF below IS DISTINCT FROM tile.hashes THEN
      RAISE EXCEPTION 'tile % of level % is not made of what lies below it', tile.index, tile.level
        USING ERRCODE = 'FW005';
    END IF;
    INSERT INTO ledger.tiles (plan_id, log_id, level, index, hashes, root)
      VALUES (p_plan, p_log, tile.level, tile.index, tile.hashes, tile.root) ON CONFLICT DO NOTHING;
  END LOOP;
END
$$;

REVOKE ALL ON FUNCTION ledger.store_tiles(uuid, text, smallint[], bigint[], bytea[], bytea[]) FROM PUBLIC;
GRANT SELECT ON ledger.tiles TO federwerk_app, federwerk_auditor;
GRANT EXECUTE ON FUNCTION ledger.store_tiles(uuid, text, smallint[], bigint[], bytea[], bytea[]) TO federwerk_app;

RESET ROLE;
