"""The tables of a shared ledger and the way from each form of them to the next. Migrations only go forward."""

from __future__ import annotations

SCHEMA = "storyboard"
"""The schema of the database that holds all tables; nothing outside it is touched."""

_FIRST = """
CREATE TABLE facts (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE holders (
  id uuid PRIMARY KEY, sender text NOT NULL UNIQUE, number integer GENERATED ALWAYS AS IDENTITY UNIQUE,
  name text NOT NULL, person text NOT NULL, store text NOT NULL, host text NOT NULL, pid integer NOT NULL,
  client text NOT NULL, form integer NOT NULL, began_at timestamptz NOT NULL, spoke_at timestamptz NOT NULL,
  backend_pid integer NOT NULL, backend_start timestamptz NOT NULL, ended_at timestamptz,
  dead_by text, dead_why text, dead_at timestamptz
);
CREATE INDEX holders_not_ended ON holders (number) WHERE ended_at IS NULL;
CREATE TABLE accounts (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider text NOT NULL, base_url text NOT NULL, dialect text NOT NULL, account text NOT NULL,
  slots integer, seconds_between double precision NOT NULL DEFAULT 0,
  next_at timestamptz NOT NULL DEFAULT 'epoch', virtual_time double precision NOT NULL DEFAULT 0,
  reservations bigint NOT NULL DEFAULT 0,
  UNIQUE (provider, base_url, dialect, account)
);
CREATE TABLE people (
  account_id integer NOT NULL REFERENCES accounts, person text NOT NULL, last_tag double precision NOT NULL,
  PRIMARY KEY (account_id, person)
);
CREATE TABLE jobs (
  key text PRIMARY KEY, account_id integer NOT NULL REFERENCES accounts, person text NOT NULL,
  project text NOT NULL, path text NOT NULL, variant text NOT NULL, seconds double precision NOT NULL,
  tag double precision NOT NULL, wanted_at timestamptz NOT NULL, not_before timestamptz NOT NULL DEFAULT 'epoch',
  holder uuid REFERENCES holders, done boolean NOT NULL DEFAULT false, run text NOT NULL DEFAULT '',
  job_order text NOT NULL DEFAULT '', outcome text NOT NULL DEFAULT '', blame integer NOT NULL DEFAULT 0
);
CREATE INDEX jobs_to_do ON jobs (tag, wanted_at, key) WHERE NOT done;
CREATE INDEX jobs_by_run ON jobs (run) WHERE NOT done;
CREATE INDEX jobs_by_holder ON jobs (holder) WHERE holder IS NOT NULL;
CREATE TABLE attempts (
  key text NOT NULL, number integer NOT NULL, external_id text NOT NULL,
  provider text NOT NULL, base_url text NOT NULL, dialect text NOT NULL, account text NOT NULL,
  project text NOT NULL, path text NOT NULL, variant text NOT NULL,
  state text NOT NULL, content text NOT NULL, addresses text NOT NULL, seconds integer NOT NULL,
  model text NOT NULL, request text NOT NULL, run text NOT NULL, opened_at double precision NOT NULL,
  take integer NOT NULL, base text NOT NULL, sends integer NOT NULL,
  submitted_at double precision, ended_at double precision, task text, clip text,
  reserved text, charged text, error text, rate text NOT NULL, took double precision, said text,
  person text NOT NULL, counted bigint NOT NULL, may text[] NOT NULL, version bigint NOT NULL,
  joins integer NOT NULL, joined_at timestamptz NOT NULL,
  PRIMARY KEY (external_id, provider, base_url, dialect, account)
);
CREATE INDEX attempts_by_key ON attempts (key, number);
CREATE INDEX attempts_by_story ON attempts (project, path, variant);
CREATE INDEX attempts_by_task ON attempts (task);
CREATE INDEX attempts_by_rate ON attempts (rate, ended_at);
CREATE INDEX attempts_filling_slots ON attempts (provider, base_url, dialect, account)
  WHERE state IN ('intent', 'submitted');
CREATE INDEX attempts_someone_may_send ON attempts (key) WHERE may <> '{}';
CREATE SEQUENCE versions;
CREATE TABLE purses (kind text NOT NULL, name text NOT NULL, spent bigint NOT NULL, PRIMARY KEY (kind, name));
CREATE TABLE known (
  provider text NOT NULL, base_url text NOT NULL, dialect text NOT NULL, account text NOT NULL,
  lookup text NOT NULL, unique_ids boolean NOT NULL, longest double precision NOT NULL,
  PRIMARY KEY (provider, base_url, dialect, account)
);
CREATE TABLE told (store text PRIMARY KEY, name text NOT NULL, told_at timestamptz NOT NULL);
"""

MIGRATIONS = (_FIRST,)
"""What leads from each form to the next, beginning with an empty database. A released form is never edited."""

FORM = len(MIGRATIONS)
"""The form this version reads and writes."""
