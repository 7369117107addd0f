-- The read models: the values of the projections as tables, for SQL and BI tools.
--
--   projection.*  the tables, one set of rows for each generation of a plan; federwerk_app writes them, and only them
--   read.*        views of the current generation; what federwerk_reader selects
-- Rows come from the log alone: deleting all of them loses nothing, `federwerk projections rebuild` writes them anew.
-- valid_from and valid_until are days of effective time: a row holds from the first up to, not including, the second.

CREATE SCHEMA projection AUTHORIZATION federwerk_owner;
CREATE SCHEMA read AUTHORIZATION federwerk_owner;
SET LOCAL ROLE federwerk_owner;

CREATE TABLE projection.generations (
  plan_id      uuid        NOT NULL,
  generation   integer     NOT NULL,
  is_current   boolean     NOT NULL DEFAULT false,
  fold_version integer     NOT NULL,
  size         bigint      NOT NULL DEFAULT 0,
  started_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (plan_id, generation)
);
CREATE UNIQUE INDEX one_current_generation ON projection.generations (plan_id) WHERE is_current;
COMMENT ON TABLE projection.generations IS 'How far each set of rows has read its log. It moves in the transaction that writes the rows.';

CREATE TABLE projection.measures (
  plan_id      uuid    NOT NULL,
  generation   integer NOT NULL,
  subject_id   uuid    NOT NULL,
  code         text    NOT NULL,
  title        text    NOT NULL,
  kind         text    NOT NULL,
  action_field text,
  cluster      text,
  task_field   bigint,
  part_of      uuid,
  state        text    NOT NULL,
  condition    text    NOT NULL,
  percent      bigint,
  leads        text[]  NOT NULL,
  external_id  text,
  valid_from   date    NOT NULL,
  valid_until  date
);
CREATE INDEX measures_by_subject ON projection.measures (plan_id, generation, subject_id);

CREATE TABLE projection.assignments (
  plan_id       uuid    NOT NULL,
  generation    integer NOT NULL,
  subject_id    uuid    NOT NULL,
  assignment_id uuid    NOT NULL,
  measure       text    NOT NULL,
  institution_id uuid   NOT NULL,
  institution   text    NOT NULL,
  role          text    NOT NULL,
  phase         text,
  part          text,
  condition     text,
  state         text    NOT NULL,
  valid_from    date    NOT NULL,
  valid_until   date
);
CREATE INDEX assignments_by_subject ON projection.assignments (plan_id, generation, subject_id);

CREATE TABLE projection.institutions (
  plan_id     uuid    NOT NULL,
  generation  integer NOT NULL,
  subject_id  uuid    NOT NULL,
  slug        text    NOT NULL,
  noun        text    NOT NULL,
  kind        text    NOT NULL,
  name        text    NOT NULL,
  valid_from  date    NOT NULL,
  valid_until date
);
CREATE INDEX institutions_by_subject ON projection.institutions (plan_id, generation, subject_id);

CREATE TABLE projection.issues (
  plan_id     uuid    NOT NULL,
  generation  integer NOT NULL,
  subject_id  uuid    NOT NULL,
  measure     text,
  institution text,
  kind        text    NOT NULL,
  state       text    NOT NULL,
  deadline    date,
  missed_deadlines bigint NOT NULL,
  valid_from  date    NOT NULL,
  valid_until date
);
CREATE INDEX issues_by_subject ON projection.issues (plan_id, generation, subject_id);

CREATE TABLE projection.reports (
  plan_id        uuid        NOT NULL,
  generation     integer     NOT NULL,
  position       bigint      NOT NULL,
  measure_id     uuid        NOT NULL,
  measure        text        NOT NULL,
  institution    text        NOT NULL,
  part           text        NOT NULL,
  condition      text        NOT NULL,
  percent        bigint,
  effective_date date        NOT NULL,
  recorded_at    timestamptz NOT NULL,
  simulated      boolean     NOT NULL,
  PRIMARY KEY (plan_id, generation, position)
);

CREATE TABLE projection.timeline (
  plan_id        uuid        NOT NULL,
  generation     integer     NOT NULL,
  position       bigint      NOT NULL,
  type           text        NOT NULL,
  subject        text        NOT NULL,
  subject_id     uuid        NOT NULL,
  recorded_at    timestamptz NOT NULL,
  effective_date date        NOT NULL,
  actor          text        NOT NULL,
  on_behalf_of   text,
  sentence_de    text        NOT NULL,
  sentence_en    text        NOT NULL,
  changes        text        NOT NULL,
  institutions   uuid[]      NOT NULL,
  simulated      boolean     NOT NULL,
  PRIMARY KEY (plan_id, generation, position)
);
CREATE INDEX timeline_by_subject ON projection.timeline (plan_id, generation, subject_id, position);

-- Who is asked for by a filter is rare in a long timeline; an index for each would cost more than it gives.

CREATE VIEW read.plans AS
  SELECT p.plan_id, p.slug AS plan, g.size AS events_read, g.updated_at
  FROM ledger.plans p JOIN projection.generations g ON g.plan_id = p.plan_id AND g.is_current;
COMMENT ON VIEW read.plans IS 'The plans, and how many events of each the read models hold.';

CREATE VIEW read.measures AS
  SELECT p.plan, m.subject_id AS measure_id, m.code, m.title, m.kind, m.action_field, m.cluster, m.task_field, m.part_of,
    m.state, m.condition, m.percent, m.leads, m.external_id, m.valid_from, m.valid_until
  FROM projection.measures m
  JOIN projection.generations g ON g.plan_id = m.plan_id AND g.generation = m.generation AND g.is_current
  JOIN read.plans p ON p.plan_id = m.plan_id;
COMMENT ON VIEW read.measures IS 'Measures and their parts; one row for each time in which nothing of it changed.';
COMMENT ON COLUMN read.measures.code IS 'Cluster, task field and numeral, such as fachkraefte.1.I.';
COMMENT ON COLUMN read.measures.part_of IS 'The measure that this is a part of.';
COMMENT ON COLUMN read.measures.condition IS 'From the plan''s list, such as on-track or off-track; not-assessed before the first report.';
COMMENT ON COLUMN read.measures.state IS 'Its own, or for a measure with parts the one that follows from them.';
COMMENT ON COLUMN read.measures.percent IS '0 to 100 as reported, or for a measure with parts their mean; null before the first figure.';
COMMENT ON COLUMN read.measures.leads IS 'Slugs of the leading institutions in that time.';
COMMENT ON COLUMN read.measures.external_id IS 'Programme and id when another programme delivers it.';
COMMENT ON COLUMN read.measures.valid_from IS 'First day on which the row holds.';
COMMENT ON COLUMN read.measures.valid_until IS 'First day on which it no longer holds; null when no end is known.';

CREATE VIEW read.assignments AS
  SELECT p.plan, a.assignment_id, a.subject_id AS measure_id, a.measure, a.institution_id, a.institution, a.role, a.phase,
    a.part, a.condition, a.state, a.valid_from, a.valid_until
  FROM projection.assignments a
  JOIN projection.generations g ON g.plan_id = a.plan_id AND g.generation = a.generation AND g.is_current
  JOIN read.plans p ON p.plan_id = a.plan_id;
COMMENT ON VIEW read.assignments IS 'Who does what in a measure; one row for each assignment and state of it.';
COMMENT ON COLUMN read.assignments.institution IS 'Slug of the institution, group or placeholder.';
COMMENT ON COLUMN read.assignments.role IS 'lead, lead-partner, contributor, consulted or unclear.';
COMMENT ON COLUMN read.assignments.part IS 'The subject within the measure that it is limited to.';
COMMENT ON COLUMN read.assignments.condition IS 'What it depends on; dormant until that comes true.';

CREATE VIEW read.institutions AS
  SELECT p.plan, i.subject_id AS institution_id, i.slug, i.noun, i.kind, i.name, i.valid_from, i.valid_until
  FROM projection.institutions i
  JOIN projection.generations g ON g.plan_id = i.plan_id AND g.generation = i.generation AND g.is_current
  JOIN read.plans p ON p.plan_id = i.plan_id;
COMMENT ON VIEW read.institutions IS 'Institutions, groups and placeholders; one row for each name in time.';

CREATE VIEW read.issues AS
  SELECT p.plan, i.subject_id AS issue_id, i.measure, i.institution, i.kind, i.state, i.deadline, i.missed_deadlines,
    i.valid_from, i.valid_until
  FROM projection.issues i
  JOIN projection.generations g ON g.plan_id = i.plan_id AND g.generation = i.generation AND g.is_current
  JOIN read.plans p ON p.plan_id = i.plan_id;
COMMENT ON VIEW read.issues IS 'Questions and difficulties; one row for each state in time.';
COMMENT ON COLUMN read.issues.deadline IS 'When a decision is due, as known now.';

CREATE VIEW read.reports AS
  SELECT p.plan, r.position, r.measure_id, r.measure, r.institution, r.part, r.condition, r.percent, r.effective_date,
    r.recorded_at, r.simulated
  FROM projection.reports r
  JOIN projection.generations g ON g.plan_id = r.plan_id AND g.generation = r.generation AND g.is_current
  JOIN read.plans p ON p.plan_id = r.plan_id;
COMMENT ON VIEW read.reports IS 'Every progress report as it was given, corrected or not.';
COMMENT ON COLUMN read.reports.position IS 'The event that it is.';
COMMENT ON COLUMN read.reports.part IS 'lead: sets the measure''s condition; contribution: stands beside it.';
COMMENT ON COLUMN read.reports.simulated IS 'Whether it was made by the simulation and never happened.';

CREATE VIEW read.timeline AS
  SELECT p.plan, t.position, t.type, t.subject, t.recorded_at, t.effective_date, t.actor, t.on_behalf_of, t.sentence_de,
    t.sentence_en, t.changes::jsonb AS changes, t.simulated
  FROM projection.timeline t
  JOIN projection.generations g ON g.plan_id = t.plan_id AND g.generation = t.generation AND g.is_current
  JOIN read.plans p ON p.plan_id = t.plan_id;
COMMENT ON VIEW read.timeline IS 'Every event in words, with what changed from what to what.';
COMMENT ON COLUMN read.timeline.changes IS 'List of field, before and after.';

GRANT USAGE ON SCHEMA projection TO federwerk_app, federwerk_auditor;
GRANT SELECT, INSERT, DELETE ON ALL TABLES IN SCHEMA projection TO federwerk_app;
GRANT UPDATE ON projection.generations TO federwerk_app;
GRANT SELECT ON ALL TABLES IN SCHEMA projection TO federwerk_auditor;
GRANT USAGE ON SCHEMA read TO federwerk_app, federwerk_auditor, federwerk_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA read TO federwerk_app, federwerk_auditor, federwerk_reader;

RESET ROLE;
