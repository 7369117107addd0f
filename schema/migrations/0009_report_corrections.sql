-- Corrections of reports in the tables for SQL, what was simulated in each of them, and what every column means.

SET LOCAL ROLE federwerk_owner;

ALTER TABLE projection.generations ADD COLUMN simulated boolean NOT NULL DEFAULT false;
ALTER TABLE projection.reports ADD COLUMN corrects bigint;
CREATE INDEX reports_by_corrected ON projection.reports (plan_id, generation, corrects) WHERE corrects IS NOT NULL;

CREATE OR REPLACE VIEW read.plans AS
  SELECT p.plan_id, p.slug AS plan, g.size AS events_read, g.updated_at, g.simulated
  FROM ledger.plans p JOIN projection.generations g ON g.plan_id = p.plan_id AND g.is_current;
COMMENT ON COLUMN read.plans.plan_id IS 'The id of the plan.';
COMMENT ON COLUMN read.plans.plan IS 'The short name of the plan, the same in all views.';
COMMENT ON COLUMN read.plans.events_read IS 'How many events of the plan the rows hold.';
COMMENT ON COLUMN read.plans.updated_at IS 'When the rows were written last.';
COMMENT ON COLUMN read.plans.simulated IS 'Whether anything in the plan was made by the simulation and never happened.';

CREATE OR REPLACE VIEW read.measures AS
  SELECT p.plan, m.subject_id AS measure_id, m.code, m.title, m.kind, m.action_field, m.cluster, m.task_field, m.part_of,
    m.state, m.condition, m.percent, m.leads, m.external_id, m.valid_from, m.valid_until, p.simulated
  FROM projection.measures m
  JOIN projection.generations g ON g.plan_id = m.plan_id AND g.generation = m.generation AND g.is_current
  JOIN read.plans p ON p.plan_id = m.plan_id;
COMMENT ON COLUMN read.measures.plan IS 'The short name of the plan.';
COMMENT ON COLUMN read.measures.measure_id IS 'The id of the measure, which no renumbering changes.';
COMMENT ON COLUMN read.measures.title IS 'Its title in that time.';
COMMENT ON COLUMN read.measures.kind IS 'deliver, examine, continue, set-up-body or recurring.';
COMMENT ON COLUMN read.measures.action_field IS 'The short name of its action field (Handlungsfeld).';
COMMENT ON COLUMN read.measures.cluster IS 'The short name of its theme cluster (Themencluster).';
COMMENT ON COLUMN read.measures.task_field IS 'The number of its task field (Aufgabenfeld); null where none is printed.';
COMMENT ON COLUMN read.measures.simulated IS 'Whether anything in the plan was made by the simulation.';

CREATE OR REPLACE VIEW read.assignments AS
  SELECT p.plan, a.assignment_id, a.subject_id AS measure_id, a.measure, a.institution_id, a.institution, a.role, a.phase,
    a.part, a.condition, a.state, a.valid_from, a.valid_until, p.simulated
  FROM projection.assignments a
  JOIN projection.generations g ON g.plan_id = a.plan_id AND g.generation = a.generation AND g.is_current
  JOIN read.plans p ON p.plan_id = a.plan_id;
COMMENT ON COLUMN read.assignments.plan IS 'The short name of the plan.';
COMMENT ON COLUMN read.assignments.assignment_id IS 'The id of the assignment.';
COMMENT ON COLUMN read.assignments.measure_id IS 'The id of the measure.';
COMMENT ON COLUMN read.assignments.measure IS 'The code of the measure.';
COMMENT ON COLUMN read.assignments.institution_id IS 'The id of whoever holds it.';
COMMENT ON COLUMN read.assignments.phase IS 'The phase that it is limited to; null for all.';
COMMENT ON COLUMN read.assignments.state IS 'named, confirmed, declined, dormant or active.';
COMMENT ON COLUMN read.assignments.valid_from IS 'First day on which the row holds.';
COMMENT ON COLUMN read.assignments.valid_until IS 'First day on which it no longer holds; null when no end is known.';
COMMENT ON COLUMN read.assignments.simulated IS 'Whether anything in the plan was made by the simulation.';

CREATE OR REPLACE VIEW read.institutions AS
  SELECT p.plan, i.subject_id AS institution_id, i.slug, i.noun, i.kind, i.name, i.valid_from, i.valid_until, p.simulated
  FROM projection.institutions i
  JOIN projection.generations g ON g.plan_id = i.plan_id AND g.generation = i.generation AND g.is_current
  JOIN read.plans p ON p.plan_id = i.plan_id;
COMMENT ON COLUMN read.institutions.plan IS 'The short name of the plan.';
COMMENT ON COLUMN read.institutions.institution_id IS 'The id, which no renaming changes.';
COMMENT ON COLUMN read.institutions.slug IS 'The short name, which no renaming changes.';
COMMENT ON COLUMN read.institutions.noun IS 'institutions, groups or placeholders.';
COMMENT ON COLUMN read.institutions.kind IS 'What kind of institution or group, as the plan names it.';
COMMENT ON COLUMN read.institutions.name IS 'What it was called in that time.';
COMMENT ON COLUMN read.institutions.valid_from IS 'First day on which the row holds.';
COMMENT ON COLUMN read.institutions.valid_until IS 'First day of another name, of its dissolution, or on which a placeholder is resolved; null when no end is known.';
COMMENT ON COLUMN read.institutions.simulated IS 'Whether anything in the plan was made by the simulation.';

CREATE OR REPLACE VIEW read.issues AS
  SELECT p.plan, i.subject_id AS issue_id, i.measure, i.institution, i.kind, i.state, i.deadline, i.missed_deadlines,
    i.valid_from, i.valid_until, p.simulated
  FROM projection.issues i
  JOIN projection.generations g ON g.plan_id = i.plan_id AND g.generation = i.generation AND g.is_current
  JOIN read.plans p ON p.plan_id = i.plan_id;
COMMENT ON COLUMN read.issues.plan IS 'The short name of the plan.';
COMMENT ON COLUMN read.issues.issue_id IS 'The id of the issue.';
COMMENT ON COLUMN read.issues.measure IS 'The code of the measure that it is about; null for the whole plan.';
COMMENT ON COLUMN read.issues.institution IS 'Who raised it; null for the office.';
COMMENT ON COLUMN read.issues.kind IS 'question, obstacle or decision-needed.';
COMMENT ON COLUMN read.issues.state IS 'Where it stood in that time.';
COMMENT ON COLUMN read.issues.missed_deadlines IS 'How many deadlines passed without a decision, as known now.';
COMMENT ON COLUMN read.issues.valid_from IS 'First day on which the row holds.';
COMMENT ON COLUMN read.issues.valid_until IS 'First day on which it no longer holds; null when no end is known.';
COMMENT ON COLUMN read.issues.simulated IS 'Whether anything in the plan was made by the simulation.';

CREATE OR REPLACE VIEW read.reports AS
  SELECT p.plan, r.position, r.measure_id, r.measure, r.institution, r.part, r.condition, r.percent, r.effective_date,
    r.recorded_at, r.simulated, r.corrects,
    NOT EXISTS (
      SELECT FROM projection.reports c
      WHERE c.plan_id = r.plan_id AND c.generation = r.generation AND c.corrects = r.position) AS is_valid
  FROM projection.reports r
  JOIN projection.generations g ON g.plan_id = r.plan_id AND g.generation = r.generation AND g.is_current
  JOIN read.plans p ON p.plan_id = r.plan_id;
COMMENT ON VIEW read.reports IS 'Every progress report as it was given, and every correction of one.';
COMMENT ON COLUMN read.reports.plan IS 'The short name of the plan.';
COMMENT ON COLUMN read.reports.measure_id IS 'The id of the measure.';
COMMENT ON COLUMN read.reports.measure IS 'The code of the measure when it was reported on.';
COMMENT ON COLUMN read.reports.institution IS 'Whose report it is.';
COMMENT ON COLUMN read.reports.condition IS 'From the plan''s list, such as on-track or off-track.';
COMMENT ON COLUMN read.reports.percent IS '0 to 100; null where none was given.';
COMMENT ON COLUMN read.reports.effective_date IS 'The day that it is about.';
COMMENT ON COLUMN read.reports.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN read.reports.corrects IS 'The position of the report or correction that it takes the place of; null for a report.';
COMMENT ON COLUMN read.reports.is_valid IS 'Whether no correction has taken its place.';

COMMENT ON COLUMN read.timeline.plan IS 'The short name of the plan.';
COMMENT ON COLUMN read.timeline.position IS 'The position of the event in the log.';
COMMENT ON COLUMN read.timeline.type IS 'The type of the event, such as org.federwerk.measure.progress-reported.v1.';
COMMENT ON COLUMN read.timeline.subject IS 'What it is about, such as measures/<id>.';
COMMENT ON COLUMN read.timeline.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN read.timeline.effective_date IS 'The day from which it holds.';
COMMENT ON COLUMN read.timeline.actor IS 'Who did it, as a pseudonym: users/<id> or system:<name>.';
COMMENT ON COLUMN read.timeline.on_behalf_of IS 'For which institution; null where it acted for itself.';
COMMENT ON COLUMN read.timeline.sentence_de IS 'What happened, in German.';
COMMENT ON COLUMN read.timeline.sentence_en IS 'What happened, in English.';
COMMENT ON COLUMN read.timeline.simulated IS 'Whether it was made by the simulation and never happened.';

RESET ROLE;
