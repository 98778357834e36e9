/** The index `runsAfterMany` has the runs with a greater number: this stays as it is, too. */
export const manyRuns = 100;

/** Statements that upgrade a store from schema i to i + 1. Append only: never change one that has been released. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE settings (value TEXT NOT NULL);

  -- spec: the start request as JSON. Times are milliseconds since the epoch. reason: of a job that was cancelled.
  CREATE TABLE jobs (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    session TEXT NOT NULL,
    status TEXT NOT NULL,
    pinned INTEGER NOT NULL DEFAULT 0,
    idempotencyKey TEXT UNIQUE,
    spec TEXT NOT NULL,
    run INTEGER,
    createdAt INTEGER NOT NULL,
    queuedAt INTEGER NOT NULL,
    finishedAt INTEGER,
    reason TEXT,
    reasonText TEXT
  );
  CREATE INDEX jobsByStatus ON jobs (status, row);
  CREATE INDEX jobsBySession ON jobs (session, row);

  -- supervisor, stop and leftovers: JSON.
  CREATE TABLE runs (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    job INTEGER NOT NULL REFERENCES jobs (row) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    status TEXT NOT NULL,
    supervisor TEXT,
    pid INTEGER,
    exitCode INTEGER,
    signal TEXT,
    reason TEXT,
    reasonText TEXT,
    errorCode TEXT,
    errorMessage TEXT,
    startedAt INTEGER NOT NULL,
    finishedAt INTEGER,
    stop TEXT,
    stdoutBytes INTEGER NOT NULL DEFAULT 0,
    stderrBytes INTEGER NOT NULL DEFAULT 0,
    stdoutDropped INTEGER NOT NULL DEFAULT 0,
    stderrDropped INTEGER NOT NULL DEFAULT 0,
    leftovers TEXT NOT NULL DEFAULT '[]',
    UNIQUE (job, number)
  );

  CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    type TEXT NOT NULL,
    jobId TEXT NOT NULL,
    run INTEGER,
    session TEXT NOT NULL,
    fromStatus TEXT,
    toStatus TEXT,
    reason TEXT,
    text TEXT
  );

  -- Records that could not be read: kept so that they can be repaired.
  CREATE TABLE damaged (id TEXT NOT NULL, message TEXT NOT NULL, record TEXT NOT NULL, foundAt INTEGER NOT NULL);

  -- Which bytes of output were seen when. Small on purpose, about 20 bytes a row: a talkative job adds up to 50 a second.
  CREATE TABLE chunks (
    run INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    time INTEGER NOT NULL,
    stream INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    length INTEGER NOT NULL,
    PRIMARY KEY (run, seq)
  ) WITHOUT ROWID;
  `,
  `
  -- dueAt: when it starts or is retried. series: the number of the run before the first of the current attempts.
  -- queueKey: its position in the queue, if it was moved. schedule: the id of the job whose cron created it.
  ALTER TABLE jobs ADD COLUMN dueAt INTEGER;
  ALTER TABLE jobs ADD COLUMN series INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE jobs ADD COLUMN gaveUp INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE jobs ADD COLUMN queueKey REAL;
  ALTER TABLE jobs ADD COLUMN schedule TEXT;
  CREATE INDEX jobsBySchedule ON jobs (schedule) WHERE schedule IS NOT NULL;

  -- readyAt, notReadyAt: when readyWhen came true or timed out. readyUrl: its URL for a browser. readyText: what showed
  -- that it is ready, or what prevents it. readyBefore: JSON, sockets that listened on its port before the run.
  ALTER TABLE runs ADD COLUMN readyAt INTEGER;
  ALTER TABLE runs ADD COLUMN notReadyAt INTEGER;
  ALTER TABLE runs ADD COLUMN readyUrl TEXT;
  ALTER TABLE runs ADD COLUMN readyText TEXT;
  ALTER TABLE runs ADD COLUMN readyBefore TEXT;
  -- maxMemory: the highest total memory of its processes that was seen, in bytes.
  ALTER TABLE runs ADD COLUMN maxMemory INTEGER;
  `,
  `
  -- array: the row of the array that this is a task of; task and item: its number and its item there. The spec of a task
  -- is empty, because it follows from that of its array. startedAt: when the first task of an array started.
  ALTER TABLE jobs ADD COLUMN array INTEGER REFERENCES jobs (row) ON DELETE CASCADE;
  ALTER TABLE jobs ADD COLUMN task INTEGER;
  ALTER TABLE jobs ADD COLUMN item TEXT;
  ALTER TABLE jobs ADD COLUMN startedAt INTEGER;

  -- Tasks are not listed among the jobs, and each would cost more in these indexes than it does in the table.
  DROP INDEX jobsByStatus;
  DROP INDEX jobsBySession;
  CREATE INDEX jobsByStatus ON jobs (status, row) WHERE array IS NULL;
  CREATE INDEX jobsBySession ON jobs (session, row) WHERE array IS NULL;
  CREATE INDEX jobsListed ON jobs (row) WHERE array IS NULL;
  CREATE INDEX tasks ON jobs (array, status, dueAt, task) WHERE array IS NOT NULL;
  `,
  `
  -- What would have to be counted otherwise, kept by triggers: how many jobs have ended by session and status, without
  -- tasks, and, in one row, the runs that have ended, the bytes of their logs and their time in milliseconds.
  CREATE TABLE endedJobs (
    session TEXT NOT NULL,
    status TEXT NOT NULL,
    total INTEGER NOT NULL,
    PRIMARY KEY (session, status)
  ) WITHOUT ROWID;
  INSERT INTO endedJobs
    SELECT session, status, count(*) FROM jobs WHERE finishedAt IS NOT NULL AND array IS NULL GROUP BY session, status;
  CREATE TRIGGER jobEnds AFTER UPDATE OF status ON jobs WHEN NEW.finishedAt IS NOT NULL AND NEW.array IS NULL BEGIN
    INSERT INTO endedJobs VALUES (NEW.session, NEW.status, 1)
      ON CONFLICT (session, status) DO UPDATE SET total = total + 1;
  END;
  CREATE TRIGGER jobGoesOn AFTER UPDATE OF status ON jobs WHEN OLD.finishedAt IS NOT NULL AND OLD.array IS NULL BEGIN
    UPDATE endedJobs SET total = total - 1 WHERE session = OLD.session AND status = OLD.status;
  END;
  CREATE TRIGGER jobIsRemoved AFTER DELETE ON jobs WHEN OLD.finishedAt IS NOT NULL AND OLD.array IS NULL BEGIN
    UPDATE endedJobs SET total = total - 1 WHERE session = OLD.session AND status = OLD.status;
  END;

  CREATE TABLE endedRuns (total INTEGER NOT NULL, logBytes INTEGER NOT NULL, durationMs INTEGER NOT NULL);
  INSERT INTO endedRuns
    SELECT count(*), coalesce(sum(stdoutBytes - stdoutDropped + stderrBytes - stderrDropped), 0),
      coalesce(sum(finishedAt - startedAt), 0)
    FROM runs WHERE finishedAt IS NOT NULL;
  CREATE TRIGGER runEnds AFTER UPDATE OF finishedAt, stdoutBytes, stderrBytes, stdoutDropped, stderrDropped ON runs
    WHEN NEW.finishedAt IS NOT NULL BEGIN
    UPDATE endedRuns SET total = total + 1,
      logBytes = logBytes + NEW.stdoutBytes - NEW.stdoutDropped + NEW.stderrBytes - NEW.stderrDropped,
      durationMs = durationMs + NEW.finishedAt - NEW.startedAt;
    UPDATE endedRuns SET total = total - 1,
      logBytes = logBytes - (OLD.stdoutBytes - OLD.stdoutDropped + OLD.stderrBytes - OLD.stderrDropped),
      durationMs = durationMs - (OLD.finishedAt - OLD.startedAt) WHERE OLD.finishedAt IS NOT NULL;
  END;
  CREATE TRIGGER runIsRemoved AFTER DELETE ON runs WHEN OLD.finishedAt IS NOT NULL BEGIN
    UPDATE endedRuns SET total = total - 1,
      logBytes = logBytes - (OLD.stdoutBytes - OLD.stdoutDropped + OLD.stderrBytes - OLD.stderrDropped),
      durationMs = durationMs - (OLD.finishedAt - OLD.startedAt);
  END;

  -- The few rows that are looked for among many. A query uses such an index when it has the same words in its WHERE.
  CREATE INDEX runsWithLeftovers ON runs (row) WHERE leftovers <> '[]';
  CREATE INDEX runsAfterMany ON runs (job) WHERE number > 100;
  CREATE INDEX eventsOfRemoval ON events (jobId, text) WHERE type = 'removed';

  CREATE TABLE jobTags (
    job INTEGER NOT NULL REFERENCES jobs (row) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (job, key)
  ) WITHOUT ROWID;
  CREATE INDEX jobTagsByKey ON jobTags (key, value, job);
  INSERT INTO jobTags
    SELECT row, tag.key, tag.value FROM jobs, json_each(CASE WHEN json_valid(spec) THEN spec ELSE '{}' END, '$.tags') AS tag;
  `,
  `
  -- The process that has the store open, as JSON: its pid, its start time and the boot.
  CREATE TABLE owner (process TEXT NOT NULL);
  `,
  `
  -- pausedAt: since when it is paused.
  ALTER TABLE runs ADD COLUMN pausedAt INTEGER;
  CREATE INDEX jobsByEnd ON jobs (finishedAt) WHERE finishedAt IS NOT NULL AND array IS NULL;
  CREATE INDEX jobsBySessionAndEnd ON jobs (session, finishedAt) WHERE finishedAt IS NOT NULL AND array IS NULL;
  `,
  `
  -- Whoever names a job by its name finds it, also among a hundred thousand.
  CREATE INDEX jobsByName ON jobs (CASE WHEN json_valid(spec) THEN spec ->> '$.name' END, status, row)
    WHERE array IS NULL AND CASE WHEN json_valid(spec) THEN spec ->> '$.name' END IS NOT NULL;
  `,
  `
  -- remote: JSON, where a run is that is not on this machine.
  ALTER TABLE runs ADD COLUMN remote TEXT;
  `,
  `
  -- A job that has not started can be edited.
  CREATE TRIGGER jobIsTagged AFTER UPDATE OF spec ON jobs
    WHEN json_valid(OLD.spec) AND json_valid(NEW.spec) AND OLD.spec -> '$.tags' IS NOT NEW.spec -> '$.tags' BEGIN
    DELETE FROM jobTags WHERE job = NEW.row;
    INSERT INTO jobTags SELECT NEW.row, tag.key, tag.value FROM json_each(NEW.spec, '$.tags') AS tag;
  END;
  `,
];
